"""Text that people write, as a tree in which every value knows its line and column, and what is wrong with it, all at once.

Rules
- JSON and YAML give the same tree, so whoever reads one need not know of the other;
- a scalar is kept as it was written where YAML would quietly make something else of it: `doubt` says what that would be;
- what cannot be read is told with line, column and path, and reading goes on.
"""

from __future__ import annotations

from reprlib import repr as shown

from attrs import define, field, frozen

from shopwright.errors import InvalidValue

MOST_DEPTH = 60
"""How deep a file may nest."""


@frozen
class Place:
    """A line and a column of a text, both from 1 on."""

    line: int
    column: int


@frozen
class Scalar:
    """Text, an integer, a boolean or nothing. `doubt` is what other readers may take the text for; empty where nothing is in doubt."""

    value: str | int | bool | None
    at: Place
    doubt: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return "nothing"
        return str(self.value).lower() if isinstance(self.value, bool) else shown(self.value)


@frozen
class Items:
    """An array."""

    items: tuple[Node, ...]
    at: Place

    def __str__(self) -> str:
        return "a list"


@frozen
class Entries:
    """An object: its keys and values in the order they stand."""

    entries: tuple[tuple[Scalar, Node], ...]
    at: Place

    def __str__(self) -> str:
        return "an object"


Node = Scalar | Items | Entries


@frozen
class FileProblem:
    """Something in a file that cannot be read: where, and in words what was expected and what stands there."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}"
        return f"{where}, {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class UnreadableFile(InvalidValue):
    """A file that cannot be read; `problems` are all that was found, in the order of their lines."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems,)


@define
class Problems:
    """What was found wrong so far."""

    found: list[FileProblem] = field(factory=list)

    def tell(self, at: Place, path: str, message: str) -> None:
        """One more."""
        self.found.append(FileProblem(at.line, at.column, path, message))

    def stop_if_any(self) -> None:
        """Raise `UnreadableFile` unless all is well."""
        if self.found:
            raise UnreadableFile(tuple(sorted(self.found, key=lambda it: (it.line, it.column))))


def entries_once(pairs: list[tuple[Scalar, Node]], at: Place, problems: Problems) -> Entries:
    """An object whose keys come once; one that comes twice is told with both lines."""
    first: dict[object, Scalar] = {}
    for key, _ in pairs:
        before = first.setdefault((type(key.value), key.value), key)
        if before is not key:
            problems.tell(key.at, "", f"the key {key} comes twice; it stands in line {before.at.line} already")
    return Entries(tuple(pairs), at)
