"""YAML with the place of every value, without its surprises.

Rules
- `true`, `false`, `null` and plain decimal integers are what they look like; whatever else YAML would not read as text (`no`, `010`, `1_000`,
  `12:30`, `1.5`, a date) is kept as it was written, and is in doubt where text is expected;
- anchors, aliases, tags and more than one document are refused: a promotion says what it means where it stands;
- PyYAML is the extra `files`, and loads with the first file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from shopwright.errors import InvalidValue
from shopwright.wire.marked import MOST_DEPTH, Items, Node, Place, Problems, Scalar, entries_once

_PLAIN = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,39})")
_ENDS_OF_LINES = frozenset("\x85\u2028\u2029")
_DOUBTS = {"bool": "yes or no", "timestamp": "a date", "float": "a number that is not whole", "int": "a number in another notation"}
_NEEDS = "reading and writing YAML needs PyYAML; pip install shopwright[files], or use JSON"


class _Stop(Exception):
    """Nothing after this can be read."""


def yaml() -> Any:
    """PyYAML; raises `InvalidValue` that says what to install."""
    try:
        import yaml as loaded
    except ImportError as error:
        raise InvalidValue(_NEEDS) from error
    return loaded


def read_yaml(text: str, problems: Problems) -> Node | None:
    """The tree of a YAML text; `None` when it is told what is wrong."""
    module = yaml()
    loader = None
    try:
        loader = module.SafeLoader(text)
        return _Tree(module, loader, problems).document()
    except module.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = _place(mark) if mark else Place(text.count("\n", 0, getattr(error, "position", 0)) + 1, 1)
        said = " ".join(filter(None, (getattr(error, "context", None), getattr(error, "problem", None) or getattr(error, "reason", None))))
        problems.tell(at, "", f"expected YAML: {said or error}")
    except _Stop:
        pass
    finally:
        if loader is not None:
            loader.dispose()
    return None


def write_yaml(plain: Any) -> str:
    """The text of plain data; what YAML could take for something else is quoted."""
    module = yaml()

    class Dumper(module.SafeDumper):  # type: ignore[misc, name-defined]  # the module is loaded on first use, so the checker cannot see it
        pass

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text)))
    written: str = module.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return written


def _style(text: str) -> str | None:
    """Double quotes, and with them escapes, for what YAML counts as the end of a line, and would fold when it is read; else what fits."""
    return '"' if _ENDS_OF_LINES.intersection(text) else None


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Tree:
    """Made from the events of the parser, so that nothing is resolved behind our back."""

    def __init__(self, module: Any, loader: Any, problems: Problems) -> None:
        self.module, self.loader, self.problems = module, loader, problems

    def document(self) -> Node:
        """The one document of the file."""
        self._next()
        event = self._next()
        if isinstance(event, self.module.StreamEndEvent):
            return Scalar(None, Place(1, 1))
        node = self._node(self._next(), 0)
        self._next()
        more = self._next()
        if not isinstance(more, self.module.StreamEndEvent):
            self._refuse(more, "expected one document, got another behind ---; make two files")
        return node

    def _next(self) -> Any:
        return self.loader.get_event()

    def _refuse(self, event: Any, message: str) -> NoReturn:
        self.problems.tell(_place(event.start_mark), "", message)
        raise _Stop

    def _node(self, event: Any, depth: int) -> Node:
        module, at = self.module, _place(event.start_mark)
        if depth > MOST_DEPTH:
            self._refuse(event, f"expected at most {MOST_DEPTH} levels")
        if isinstance(event, module.AliasEvent) or event.anchor:
            self._refuse(event, "expected no anchor and no alias; write it out where it is meant, and put text that begins with & or * in quotes")
        if event.tag not in {None, "!"}:
            self._refuse(event, f"expected no tag, got {event.tag}; put text that begins with ! in quotes")
        if isinstance(event, module.ScalarEvent):
            return self._scalar(event, at)
        if isinstance(event, module.SequenceStartEvent):
            return Items(tuple(self._until(module.SequenceEndEvent, depth)), at)
        parts = list(self._until(module.MappingEndEvent, depth))
        pairs: list[tuple[Scalar, Node]] = []
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if isinstance(key, Scalar):
                pairs.append((key, value))
            else:
                self.problems.tell(key.at, "", f"expected a key that is text, got {key}")
        return entries_once(pairs, at, self.problems)

    def _until(self, end: type, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), end):
            yield self._node(event, depth + 1)

    def _scalar(self, event: Any, at: Place) -> Scalar:
        text: str = event.value
        if not event.implicit[0]:
            return Scalar(text, at)
        if text in _PLAIN:
            return Scalar(_PLAIN[text], at)
        if _INTEGER.fullmatch(text) and text != "-0":
            return Scalar(int(text), at)
        tag = self.loader.resolve(self.module.ScalarNode, text, (True, False)).rpartition(":")[2]
        return Scalar(text, at, "" if tag == "str" else _DOUBTS.get(tag, "something else"))
