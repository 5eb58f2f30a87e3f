"""JSON with the place of every value; what `json` reads, but strictly, and without a float.

Rules
- a number with a fraction or an exponent is kept as it was written and is in doubt: no value of ours is a float;
- `NaN`, `Infinity`, comments and commas at the end are no JSON and are told.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import NoReturn

from shopwright.wire.marked import MOST_DEPTH, Entries, Items, Node, Place, Problems, Scalar, entries_once

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_SPACE = re.compile(r"[ \t\r\n]*")
_WORDS = {"true": True, "false": False, "null": None}
_MOST_DIGITS = 40


class _Stop(Exception):
    """Nothing after this can be read."""


def read_json(text: str, problems: Problems) -> Node | None:
    """The tree of a JSON text; `None` when it is told what is wrong."""
    scan = _Scan(text.removeprefix("\ufeff"), problems)
    try:
        node = scan.value(0)
        scan.skip()
        if scan.at < len(scan.text):
            scan.stop("expected the end of the file")
    except _Stop:
        return None
    return node


class _Scan:
    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.at = 0
        self._counted, self._line, self._start = 0, 1, 0

    def place(self) -> Place:
        """Where we are; lines are counted on from where they were counted last."""
        new = self.text.count("\n", self._counted, self.at)
        if new:
            self._line += new
            self._start = self.text.rfind("\n", self._counted, self.at) + 1
        self._counted = self.at
        return Place(self._line, self.at - self._start + 1)

    def stop(self, expected: str) -> NoReturn:
        rest = self.text[self.at : self.at + 20].split("\n")[0]
        self.problems.tell(self.place(), "", f"{expected}, got {rest!r}" if rest else f"{expected}, got the end of the line or file")
        raise _Stop

    def skip(self) -> str:
        """Over white space; the letter that follows, empty at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Node:
        letter = self.skip()
        if depth > MOST_DEPTH:
            self.stop(f"expected at most {MOST_DEPTH} levels")
        if letter == "{":
            return self._entries(depth)
        if letter == "[":
            return self._items(depth)
        return self._text() if letter == '"' else self._word()

    def _entries(self, depth: int) -> Entries:
        at, pairs = self.place(), list[tuple[Scalar, Node]]()
        self.at += 1
        if self.skip() == "}":
            self.at += 1
            return Entries((), at)
        while True:
            if self.skip() != '"':
                self.stop("expected a key in double quotes")
            key = self._text()
            if self.skip() != ":":
                self.stop("expected a colon after the key")
            self.at += 1
            pairs.append((key, self.value(depth + 1)))
            if self._is_last("}"):
                return entries_once(pairs, at, self.problems)

    def _items(self, depth: int) -> Items:
        at, items = self.place(), list[Node]()
        self.at += 1
        if self.skip() == "]":
            self.at += 1
            return Items((), at)
        while True:
            items.append(self.value(depth + 1))
            if self._is_last("]"):
                return Items(tuple(items), at)

    def _is_last(self, end: str) -> bool:
        letter = self.skip()
        if letter not in {",", end} or not letter:
            self.stop(f"expected a comma or {end}")
        self.at += 1
        return letter == end

    def _text(self) -> Scalar:
        at = self.place()
        try:
            value, self.at = scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            self.at = min(error.pos, len(self.text))
            self.stop(f"expected text in double quotes ({error.msg.lower()})")
        return Scalar(value, at)

    def _word(self) -> Scalar:
        at = self.place()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return Scalar(value, at)
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self.stop("expected a value: text in double quotes, a number, true, false, null, a list or an object")
        self.at = found.end()
        if found[1] or found[2] or len(found[0]) > _MOST_DIGITS:
            return Scalar(found[0], at, "a number that is not whole")
        return Scalar(int(found[0]), at)
