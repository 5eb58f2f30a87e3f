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
    """An annotation that prints without quotes, whether its module postpones annotations or not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(thing: Any) -> str:
    """The signature with its annotations as they are written."""
    try:
        signature = inspect.signature(thing)
    except ValueError:
        return "(...)"
    parameters = [each.replace(annotation=_as_written(each.annotation)) for each in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=_as_written(signature.return_annotation)))


def _as_written(annotation: Any) -> Any:
    return _AsWritten(annotation) if isinstance(annotation, str) else annotation


if __name__ == "__main__":
    GOLDEN.write_text(describe(), encoding="utf-8")
    print(f"{GOLDEN.name}: {len(shopwright.__all__)} names")
