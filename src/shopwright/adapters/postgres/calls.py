"""A changeset made ready: checked, encoded, sorted in lock order, and as the one argument of the commit function.

Rules
- values are checked and bodies encoded before a connection is taken, so that no lock waits for Python;
- documents stand by (kind, id), records by (stream, key, number), holds by id, quota steps by (rank, key);
- the argument's separator and its sign for null are characters that the fields do not use, so any text may travel.

The fields, in their order: scope; operation key, fingerprint, answer; time; synchronous_commit and lock_timeout or null; then four
lists, each begun by its length, of documents, records, holds and quota steps, as the methods here write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define

from shopwright.adapters.tables import ColumnValue, Table, utc_text
from shopwright.ports.edge import as_utc, check_change, documents_in_order
from shopwright.ports.kinds import Kinds
from shopwright.ports.quotas import CommitHold, Give, Grant, QuotaMove, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Changeset, Drop
from shopwright.wire.codec import Codec

Field = str | None
Step = tuple[int, str, int, int, int, int]
"""Rank, key, turn, and what to add to granted, used and held."""
HoldFields = tuple[str, list[Field]]
"""The id of a hold, and what is done to it."""


@define
class Document:
    """A put or a drop; a drop expects no version and has no body."""

    table: Table
    id: str
    expected: int | None
    body: str
    values: tuple[ColumnValue, ...]

    def fields(self) -> list[Field]:
        """Kind, id, expected version or null, shape, body, index columns."""
        kind = self.table.kind
        if self.expected is None:
            return [kind.name, self.id, None, None, None, *[None for _ in self.table.columns]]
        return [kind.name, self.id, str(self.expected), str(kind.shape), self.body, *[None if value is None else str(value) for value in self.values]]


@define
class Entry:
    """A record; `follows` tells that the number before it stands in the same changeset."""

    ordinal: int
    stream: str
    key: str
    number: int
    follows: bool
    type: str
    shape: int
    body: str

    def fields(self) -> list[Field]:
        """Ordinal, stream, key, number, follows, type, shape, body."""
        follows = "1" if self.follows else "0"
        return [str(self.ordinal), self.stream, self.key, str(self.number), follows, self.type, str(self.shape), self.body]


@define
class Prepared:
    """A checked changeset of one scope with everything encoded."""

    scope: str
    change: Changeset
    at: str
    documents: list[Document]
    entries: list[Entry]


def prepared(scope: str, change: Changeset, kinds: Kinds, tables: Mapping[type, Table], codec: Codec) -> Prepared:
    """Check and encode a changeset; raises `InvalidValue` and `UnknownKind`."""
    check_change(change, kinds)
    return Prepared(scope, change, utc_text(as_utc("at", change.at)), _documents(change, kinds, tables, codec), _entries(change, kinds, codec))


def _documents(change: Changeset, kinds: Kinds, tables: Mapping[type, Table], codec: Codec) -> list[Document]:
    documents = []
    for kind, write in documents_in_order(change, kinds):
        table = tables[kind.type]
        if isinstance(write, Drop):
            documents.append(Document(table, write.id, None, "", ()))
        else:
            documents.append(Document(table, write.id, write.expected, codec.dump(write.value), table.values(write.value)))
    return documents


def _entries(change: Changeset, kinds: Kinds, codec: Codec) -> list[Entry]:
    entries: list[Entry] = []
    seen: set[tuple[str, str]] = set()
    for ordinal, record in enumerate(change.records, 1):
        about = (record.stream, record.key)
        declared = kinds.record(type(record.value))
        body = codec.dump(record.value)
        entries.append(Entry(ordinal, *about, record.number, about in seen, declared.name, declared.shape, body))
        seen.add(about)
    if len(entries) > 1:
        entries.sort(key=lambda entry: (entry.stream, entry.key, entry.number))
    return entries


def argument(ready: Prepared, *, ranks: Mapping[tuple[str, str], int], synchronous_commit: str | None, lock_timeout: int | None) -> str:
    """The argument of the commit function. `ranks` are those that are known; a wrong guess is noticed and costs a second attempt."""
    fields = fact_fields(ready, synchronous_commit=synchronous_commit, lock_timeout=lock_timeout)
    fields += move_fields(*holds_and_steps(ready.scope, ready.change.moves, ranks)) if ready.change.moves else ["0", "0"]
    return joined(fields)


def fact_fields(ready: Prepared, *, synchronous_commit: str | None, lock_timeout: int | None) -> list[Field]:
    """All of the argument but what moves do."""
    operation = ready.change.operation
    timeout = None if lock_timeout is None else str(lock_timeout)
    fields: list[Field] = [ready.scope, operation.key, operation.fingerprint, operation.answer, ready.at, synchronous_commit, timeout]
    fields.append(str(len(ready.documents)))
    for document in ready.documents:
        fields += document.fields()
    fields.append(str(len(ready.entries)))
    for entry in ready.entries:
        fields += entry.fields()
    return fields


def holds_and_steps(scope: str, moves: tuple[QuotaMove, ...], ranks: Mapping[tuple[str, str], int]) -> tuple[list[HoldFields], list[Step]]:
    """What the moves do to holds, by id, and to quotas, by (rank, key)."""
    assumed = _assumed_ranks(scope, moves, ranks)
    holds: list[HoldFields] = []
    steps: list[Step] = []
    for turn, move in _turns(moves):
        match move:
            case Reserve():
                holds.append((move.hold, _reserve_fields(move, assumed)))
                steps += [(assumed.get(key, 0), key, turn + place, 0, 0, quantity) for place, (key, quantity) in enumerate(move.items)]
            case CommitHold(hold=hold):
                holds.append((hold, ["commit", hold, str(turn)]))
            case ReleaseHold(hold=hold):
                holds.append((hold, ["release", hold, str(turn)]))
            case Grant(key=key, quantity=quantity):
                steps.append((assumed.get(key, 0), key, turn, quantity, 0, 0))
            case Take(key=key, quantity=quantity):
                steps.append((assumed.get(key, 0), key, turn, 0, quantity, 0))
            case Give(key=key, quantity=quantity):
                steps.append((assumed.get(key, 0), key, turn, 0, -quantity, 0))
    holds.sort(key=lambda pair: pair[0])
    steps.sort()
    return holds, steps


def move_fields(holds: list[HoldFields], steps: list[Step]) -> list[Field]:
    """The last two lists of an argument."""
    fields: list[Field] = [str(len(holds))]
    for _, told in holds:
        fields += told
    fields.append(str(len(steps)))
    for rank, key, turn, granted, used, held in steps:
        fields += (key, str(rank), str(turn), str(granted), str(used), str(held))
    return fields


def _turns(moves: tuple[QuotaMove, ...]) -> list[tuple[int, QuotaMove]]:
    """Each move with its turn; the items of a reserve take one turn each."""
    turns, turn = [], 0
    for move in moves:
        turns.append((turn, move))
        turn += len(move.items) if isinstance(move, Reserve) else 1
    return turns


def _assumed_ranks(scope: str, moves: tuple[QuotaMove, ...], ranks: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """The rank of each key that may have one: what was learned, else what its first grant here says. All others are taken to have 0."""
    assumed: dict[str, int] = {}
    for move in moves:
        if isinstance(move, Grant):
            assumed.setdefault(move.key, ranks.get((scope, move.key), move.rank))
        elif not ranks or isinstance(move, CommitHold | ReleaseHold):
            continue
        else:
            for key, _ in move.items if isinstance(move, Reserve) else ((move.key, 0),):
                if (scope, key) in ranks:
                    assumed[key] = ranks[scope, key]
    return assumed


def _reserve_fields(move: Reserve, ranks: Mapping[str, int]) -> list[Field]:
    items = sorted(move.items, key=lambda item: (ranks.get(item[0], 0), item[0]))
    until = utc_text(as_utc("until", move.until))
    return ["reserve", move.hold, until, _array([key for key, _ in items]), _array([str(quantity) for _, quantity in items])]


def _array(texts: list[str]) -> str:
    """Texts as one field that the server reads as an array: a slice of all fields would copy all of them, for each hold of a batch."""
    return "{" + ",".join(['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]) + "}"


def joined(fields: list[Field]) -> str:
    """All fields as one text; control characters that no field uses stand between them and for null."""
    absent = next(sign for sign in _signs("\x1f") if sign not in fields)
    instead: dict[Field, Any] = {None: absent}
    texts: list[str] = [*map(instead.get, fields, fields)]  # there are a hundred fields and more
    for separator in _signs("\x1e"):
        text = separator.join(texts)
        if separator != absent and text.count(separator) == len(texts) - 1:
            return separator + absent + text
    raise AssertionError("a changeset cannot use every character there is")


def _signs(first: str) -> Iterator[str]:
    yield first
    yield from map(chr, range(1, 0xD800))
