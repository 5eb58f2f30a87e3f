"""What may cross into a store: checked once, here, by every adapter, before anything is read or written.

Rules
- ids, keys, stream names and scopes are text of 1 to 200 characters; text in an index has at most 200, an answer at most 2,000;
- no text holds U+0000 or a lone surrogate, whatever its script; nothing is normalized, text compares by code point;
- integers are within 64 bits and never booleans; quantities are above zero, a grant is not zero;
- times are aware and kept as UTC, to the microsecond;
- a document stands in a changeset once; records about one aggregate stand in it in the order of their numbers, without gaps.

All of them raise `InvalidValue`, and `UnknownKind` or `UnknownIndex` where a name is nobody's. The bodies of values are
checked when they are encoded (`shopwright.wire.codec`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from shopwright.edges import MOST, text_problem
from shopwright.errors import InvalidValue
from shopwright.ports.kinds import Index, IndexType, IndexValue, Kind, Kinds
from shopwright.ports.quotas import CommitHold, Give, Grant, QuotaMove, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Changeset, Drop, Match, Operation, Put, Query, Record, Where

T = TypeVar("T")

TEXT_LIMIT = 200
ANSWER_LIMIT = 2_000
PAGE_LIMIT = 1_000
IN_LIMIT = 500


def check_text(what: str, value: object, *, least: int = 1, most: int = TEXT_LIMIT) -> None:
    """Text that every store keeps and compares alike."""
    # Every key and id comes by here, often, and nearly every text is plain: it pays to see that first.
    if value.__class__ is str and least <= len(value) <= most and value.isascii() and "\0" not in value:
        return
    if problem := text_problem(value, least=least, most=most):
        raise InvalidValue(f"{what} {problem}")


def check_integer(what: str, value: object, *, least: int = -MOST - 1, most: int = MOST) -> None:
    """A whole number that fits in 64 bits."""
    if type(value) is int and least <= value <= most:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValue(f"{what} must be an integer, got {type(value).__name__}")
    if not least <= value <= most:
        raise InvalidValue(f"{what} must be {least} to {most}, got {value}")


def check_limit(limit: object) -> None:
    """The size of a page or of a batch: 1 to 1,000."""
    check_integer("limit", limit, least=1, most=PAGE_LIMIT)


def as_utc(what: str, value: object) -> datetime:
    """The same instant in UTC; a time without a zone is refused, for nobody knows when it is."""
    if not isinstance(value, datetime):
        raise InvalidValue(f"{what} must be a datetime, got {type(value).__name__}")
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise InvalidValue(f"{what} must be an aware datetime, got {value!r}; give it a tzinfo, such as datetime.UTC")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"{what} must be within the years 1 to 9999 in UTC, got {value!r}") from None


def check_ids(what: str, values: Iterable[str]) -> tuple[str, ...]:
    """Many ids or keys, each once, sorted by code point; one text in place of a collection is a mistake."""
    if isinstance(values, str):
        raise InvalidValue(f"{what} must be a collection of texts, got one text {values!r}; write ({values!r},)")
    if not isinstance(values, Iterable):
        raise InvalidValue(f"{what} must be a collection of texts, got {type(values).__name__}")
    ids = tuple(values)
    for value in ids:
        check_text(what, value)
    return tuple(sorted(set(ids)))


def check_operation(operation: Operation) -> None:
    """The key, the fingerprint and the answer of an operation."""
    check_text("operation key", operation.key)
    check_text("operation fingerprint", operation.fingerprint)
    check_text("operation answer", operation.answer, least=0, most=ANSWER_LIMIT)


def check_change(change: Changeset, kinds: Kinds) -> None:
    """All of a changeset but the bodies of its values and what their indexes answer."""
    check_operation(change.operation)
    as_utc("changeset time", change.at)
    _check_documents(change, kinds)
    _check_records(change.records, kinds)
    for move in change.moves:
        check_move(move)


def _check_documents(change: Changeset, kinds: Kinds) -> None:
    seen: set[tuple[str, str]] = set()
    for write in _documents(change):
        kind = document_kind(write, kinds)
        check_text("document id", write.id)
        if isinstance(write, Put):
            check_integer("expected version", write.expected, least=0, most=MOST - 1)
        elif not kind.erasable:
            raise InvalidValue(f"documents of kind {kind.name} stay: only kinds registered with erasable=True may be dropped")
        if (kind.name, write.id) in seen:
            raise InvalidValue(f"{kind.name} {write.id!r} stands twice in one changeset; put its last value once")
        seen.add((kind.name, write.id))


def _documents(change: Changeset) -> tuple[Put | Drop, ...]:
    return (*change.puts, *change.drops)


def document_kind(write: Put | Drop, kinds: Kinds) -> Kind[Any]:
    """The kind of a put or a drop; raises `UnknownKind`."""
    return kinds.document(type(write.value) if isinstance(write, Put) else write.kind)


def documents_in_order(change: Changeset, kinds: Kinds) -> list[tuple[Kind[Any], Put | Drop]]:
    """Puts and drops in the order in which they are locked, checked and written: by name of kind, then by id."""
    pairs = [(document_kind(write, kinds), write) for write in _documents(change)]
    return pairs if len(pairs) < 2 else sorted(pairs, key=lambda pair: (pair[0].name, pair[1].id))  # one is in order


def _check_records(records: tuple[Record, ...], kinds: Kinds) -> None:
    last: dict[tuple[str, str], int] = {}
    for record in records:
        kinds.record(type(record.value))
        check_text("stream", record.stream)
        check_text("record key", record.key)
        check_integer("record number", record.number, least=1)
        before = last.get((record.stream, record.key), record.number - 1)
        if record.number != before + 1:
            raise InvalidValue(f"records about {record.key!r} must be numbered without gaps: expected {before + 1}, got {record.number}")
        last[record.stream, record.key] = record.number


def check_move(move: QuotaMove) -> None:
    """Keys, quantities and times of one quota move."""
    match move:
        case Reserve(hold=hold, items=items, until=until):
            check_text("hold", hold)
            as_utc("end of the hold", until)
            for key, quantity in items:
                _check_quantity(key, quantity)
            if not items or len({key for key, _ in items}) < len(items):
                raise InvalidValue(f"hold {hold!r} must name one quantity for each of at least one key; add up those of a key")
        case Grant(key=key, quantity=quantity, rank=rank):
            check_text("quota key", key)
            check_integer("granted quantity", quantity, least=-MOST)
            check_integer("rank", rank)
            if not quantity:
                raise InvalidValue(f"a grant of {key!r} must not be zero")
        case Take(key=key, quantity=quantity) | Give(key=key, quantity=quantity):
            _check_quantity(key, quantity)
        case CommitHold(hold=hold) | ReleaseHold(hold=hold):
            check_text("hold", hold)
        case _:
            raise InvalidValue(f"expected a quota move, got {type(move).__name__}")


def _check_quantity(key: str, quantity: int) -> None:
    check_text("quota key", key)
    if type(quantity) is not int or not 0 < quantity <= MOST:
        check_integer(f"quantity of {key}", quantity, least=1)


def index_values(kind: Kind[T], document: T) -> dict[str, IndexValue]:
    """What a document answers to each index of its kind, checked, times as UTC; this is what a store keeps beside the body."""
    return {index.name: _checked(kind.name, index, index.value(document)) for index in kind.indexes}


def _checked(kind: str, index: Index[Any], value: IndexValue) -> IndexValue:
    return None if value is None else as_index_value(f"index {index.name} of {kind}", index.type, value)


# Read often: to find a member through its class takes Python 3.11 much longer than to read a name.
_TIME, _TEXT = IndexType.TIME, IndexType.TEXT


def as_index_value(what: str, type_: IndexType, value: Any) -> str | int | datetime:
    """A value that an index of this type may hold, times as UTC."""
    if type_ is _TIME:
        return as_utc(what, value)
    if type_ is _TEXT:
        check_text(what, value, least=0)
    else:
        check_integer(what, value)
    checked: str | int = value
    return checked


def check_query(query: Query[T], kinds: Kinds) -> tuple[Kind[T], tuple[Where, ...]]:
    """The kind that is asked for, and the conditions with their times as UTC."""
    kind = kinds.document(query.kind)
    check_limit(query.limit)
    if query.order_by is not None:
        kind.index(query.order_by)
    return kind, tuple(_check_where(kind, where) for where in query.where)


def _check_where(kind: Kind[Any], where: Where) -> Where:
    index = kind.index(where.index)
    what = f"condition on {where.index} of {kind.name}"
    if not isinstance(where.match, Match):
        raise InvalidValue(f"{what} must compare by a Match, got {where.match!r}; allowed: {', '.join(Match)}")
    if where.match is not Match.IN:
        return Where(where.index, where.match, as_index_value(what, index.type, where.value))
    if not isinstance(where.value, tuple) or len(where.value) > IN_LIMIT:
        raise InvalidValue(f"{what} must be a tuple of at most {IN_LIMIT} values")
    return Where(where.index, where.match, tuple(as_index_value(what, index.type, value) for value in where.value))
