"""What a storage may keep: document kinds and record types, declared as data.

Rules
- a kind is known by its name in the store and by its type in Python; both are unique;
- `shape` is the version of the stored body; a body of an older shape is lifted step by step when it is read;
- an index is a named, typed question to the value; a value that answers `None` is not in that index, so a query that filters or
  sorts by it does not see that document;
- a unique index allows one document per value and scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from shopwright.errors import InvalidValue, UnknownIndex, UnknownKind

T = TypeVar("T")
Plain = dict[str, Any]
IndexValue = str | int | datetime | None


class IndexType(StrEnum):
    """How an index compares: text by code point, integers within 64 bits, times as instants."""

    TEXT = "text"
    INTEGER = "integer"
    TIME = "time"


@frozen
class Index(Generic[T]):
    """A field that documents of a kind can be found by."""

    name: str
    type: IndexType
    value: Callable[[T], IndexValue]
    unique: bool = False


@frozen
class Kind(Generic[T]):
    """A document kind: its name in the store, its type, its shape and the indexes it can be found by.

    `lifts[i]` turns a plain body of shape `i + 1` into one of shape `i + 2`, so there is one lift less than there are shapes.
    Only documents of an `erasable` kind may be dropped: personal keys, and what links payments.
    """

    name: str
    type: type[T]
    shape: int = 1
    indexes: tuple[Index[T], ...] = ()
    lifts: tuple[Callable[[Plain], Plain], ...] = ()
    erasable: bool = False

    def __attrs_post_init__(self) -> None:
        _check_shape(self.name, self.shape, len(self.lifts))

    def index(self, name: str) -> Index[T]:
        """The index of this name; raises `UnknownIndex` naming those that exist."""
        for index in self.indexes:
            if index.name == name:
                return index
        known = ", ".join(index.name for index in self.indexes) or "none"
        raise UnknownIndex(f"kind {self.name} has no index {name!r}; declared: {known}; declare it on the kind and run `shopwright db upgrade`")


@frozen
class RecordType(Generic[T]):
    """A type that streams may hold, under a name that never changes."""

    name: str
    type: type[T]
    shape: int = 1
    lifts: tuple[Callable[[Plain], Plain], ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_shape(self.name, self.shape, len(self.lifts))


def _check_shape(name: str, shape: int, lifts: int) -> None:
    if shape != lifts + 1:
        raise InvalidValue(f"{name} has shape {shape} and {lifts} lifts; expected one lift from each older shape, that is {shape - 1}")


@frozen
class Kinds:
    """All that one storage keeps. Add those of a plug-in with `plus`."""

    documents: tuple[Kind[Any], ...] = ()
    records: tuple[RecordType[Any], ...] = ()
    _by_type: Mapping[type, Any] = field(init=False, eq=False, repr=False)
    _by_name: Mapping[str, Any] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        every: tuple[Any, ...] = (*self.documents, *self.records)
        by_type = {kind.type: kind for kind in every}
        by_name = {kind.name: kind for kind in every}
        if len(by_type) < len(every) or len(by_name) < len(every):
            twice = sorted({kind.name for kind in every if by_type[kind.type] is not kind or by_name[kind.name] is not kind})
            raise InvalidValue(f"kinds must have unique names and types; registered twice: {', '.join(twice)}")
        object.__setattr__(self, "_by_type", by_type)
        object.__setattr__(self, "_by_name", by_name)

    def plus(self, *more: Kind[Any] | RecordType[Any]) -> Kinds:
        """These kinds and more; raises `InvalidValue` when a name or a type is taken."""
        documents = tuple(kind for kind in more if isinstance(kind, Kind))
        records = tuple(kind for kind in more if isinstance(kind, RecordType))
        return Kinds(documents=self.documents + documents, records=self.records + records)

    def document(self, type: type[T]) -> Kind[T]:
        """The kind that stores this type; raises `UnknownKind`."""
        found = self._by_type.get(type)
        if not isinstance(found, Kind):
            raise UnknownKind(f"no document kind stores {type.__name__}; register Kind(name, {type.__name__}) with Kinds.plus")
        return found

    def record(self, type: type[T]) -> RecordType[T]:
        """The record type of this type; raises `UnknownKind`."""
        found = self._by_type.get(type)
        if not isinstance(found, RecordType):
            raise UnknownKind(f"no record type stores {type.__name__}; register RecordType(name, {type.__name__}) with Kinds.plus")
        return found

    def named(self, name: str) -> Kind[Any] | RecordType[Any]:
        """The kind or record type of this name; raises `UnknownKind`."""
        found: Kind[Any] | RecordType[Any] | None = self._by_name.get(name)
        if found is None:
            raise UnknownKind(f"the store holds {name!r}, which nobody registered; is a plug-in missing?")
        return found
