"""The public face as text: what `shopwright.__all__` offers, with signatures and members.

`python -m tests.golden.public_api` writes it to `public_api.txt` beside this file.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import shopwright

GOLDEN = Path(__file__).parent / "public_api.txt"
COMMAND = "python -m tests.golden.public_api"


def describe() -> str:
    """One paragraph per public name, in the order of the names."""
    return "\n\n".join("\n".join(_described(name, getattr(shopwright, name))) for name in sorted(shopwright.__all__)) + "\n"


def _described(name: str, thing: Any) -> Iterator[str]:
    if isinstance(thing, type):
        yield _class_line(name, thing)
        yield from (f"    {line}" for line in _members(thing))
    elif isinstance(thing, ModuleType):
        yield f"module {name}: {', '.join(sorted(getattr(thing, '__all__', ())))}".rstrip(": ")
    elif callable(thing):
        yield f"def {name}{_signature(thing)}"
    else:
        yield f"{name}: {type(thing).__name__}"


def _class_line(name: str, thing: type) -> str:
    parents = ", ".join(parent.__name__ for parent in thing.__bases__ if parent is not object)
    head = f"class {name}({parents})" if parents else f"class {name}"
    if issubclass(thing, enum.Enum):
        return f"{head}: {', '.join(member.name for member in thing)}"
    if getattr(thing, "_is_protocol", False) or "__init__" not in vars(thing):
        return head
    return f"{head}: {name}{_signature(thing)}"


def _members(thing: type) -> Iterator[str]:
    for name, member in sorted(vars(thing).items()):
        if name.startswith("_") or (issubclass(thing, enum.Enum) and name in thing.__members__):
            continue
        if isinstance(member, classmethod | staticmethod):
            yield f"{type(member).__name__} {name}{_signature(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"def {name}{_signature(member)}"
        elif isinstance(member, property):
            yield f"property {name}{_signature(member.fget).removeprefix('(self)')}"


class _AsWritten(str):
    """Text that prints without quotes: an annotation, whether its module postpones annotations or not, or a default."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(thing: Any) -> str:
    """The signature with annotations as they are written, and defaults where they are short enough to read."""
    try:
        signature = inspect.signature(thing)
    except ValueError:
        return "(...)"
    parameters = [each.replace(annotation=_annotation(each), default=_default(each)) for each in signature.parameters.values()]
    returned = signature.return_annotation
    return str(signature.replace(parameters=parameters, return_annotation=_AsWritten(returned) if isinstance(returned, str) else returned))


def _annotation(parameter: inspect.Parameter) -> Any:
    return _AsWritten(parameter.annotation) if isinstance(parameter.annotation, str) else parameter.annotation


def _default(parameter: inspect.Parameter) -> Any:
    default = parameter.default
    if default is parameter.empty or default is None or (isinstance(default, bool | int | str) and not isinstance(default, enum.Enum)):
        return default
    if isinstance(default, enum.Enum):
        return _AsWritten(f"{type(default).__name__}.{default.name}")
    return _AsWritten("()" if default == () else "...")


if __name__ == "__main__":
    GOLDEN.write_text(describe(), encoding="utf-8")
    print(f"{GOLDEN.name}: {len(shopwright.__all__)} names")
