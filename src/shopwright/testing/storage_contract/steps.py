"""The words in which the storage kit is written: changesets from their parts, and what a test expects of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from shopwright.ports.quotas import Grant, QuotaMove, Reserve
from shopwright.ports.storage import START, Changeset, Committed, Drop, Operation, Position, Put, Query, Record, Recorded, Storage, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Noted

Part = Put | Drop | Record | QuotaMove

SOON = NOON + timedelta(minutes=10)
"""When holds of the kit end unless a test says otherwise."""

LATER = NOON + timedelta(minutes=20)
"""When they have lapsed."""

_numbers = count(1)


def a_change(*parts: Part, key: str = "", command: str = "", answer: str = "", at: datetime = NOON) -> Changeset:
    """A changeset of these parts; its operation key is new unless one is given."""
    number = next(_numbers)
    return Changeset(
        operation=Operation(key or f"operation-{number}", command or f"fingerprint of {key or number}", answer),
        at=at,
        puts=tuple(part for part in parts if isinstance(part, Put)),
        moves=tuple(part for part in parts if isinstance(part, QuotaMove)),
        records=tuple(part for part in parts if isinstance(part, Record)),
        drops=tuple(part for part in parts if isinstance(part, Drop)),
    )


def done(storage: Storage, *parts: Part, at: datetime = NOON) -> None:
    """Commit these parts; they must not be refused."""
    outcome = storage.commit(a_change(*parts, at=at))
    assert outcome == Committed("")


def refused(storage: Storage, *parts: Part, at: datetime = NOON) -> Refusal:
    """Commit these parts; they must be refused."""
    outcome = storage.commit(a_change(*parts, at=at))
    assert isinstance(outcome, Refusal), f"expected a refusal, got {outcome}"
    return outcome


def put(note: Note, *, expected: int = 0) -> Put:
    """Write a note under its own id."""
    return Put(note.id, note, expected)


def noted(number: int, *, text: str = "", stream: str = "notes", key: str = "n-1", quantity: int = 0) -> Record:
    """The record of this number about one note."""
    return Record(stream, key, number, Noted(text or f"{key} {number}", quantity))


def hold(id: str, *items: tuple[str, int], until: datetime = SOON) -> Reserve:
    """A hold on these keys."""
    return Reserve(id, items, until)


def stocked(storage: Storage, **quantities: int) -> None:
    """Grant these quantities of these keys."""
    done(storage, *(Grant(key, quantity) for key, quantity in quantities.items()))


def counts(storage: Storage, key: str, *, at: datetime = NOON) -> tuple[int, int, int]:
    """Granted, used and held of one key."""
    quota = storage.quota((key,), at=at)[key]
    assert quota.key == key
    return quota.granted, quota.used, quota.held


def every_page(storage: Storage, query: Query[Any]) -> list[Stored[Any]]:
    """All pages of a query, one after the other."""
    found: list[Stored[Any]] = []
    while True:
        page = storage.find(query)
        found.extend(page.items)
        assert len(page.items) <= query.limit
        if not page.next:
            return found
        assert page.items, "a page that has a next must not be empty"
        query = Query(query.kind, query.where, query.order_by, query.descending, query.limit, page.next)


def every_record(storage: Storage, stream: str = "notes", *, limit: int = 100, key: str | None = None) -> list[Recorded]:
    """A whole stream, read by pages as a consumer would."""
    found: list[Recorded] = []
    after: Position = START
    while True:
        records = storage.read(stream, after=after, limit=limit, key=key)
        assert len(records) <= limit
        if not records:
            return found
        found.extend(records)
        after = records[-1].position


def texts(records: Sequence[Recorded]) -> list[str]:
    """What the records say, in their order."""
    return [record.value.text for record in records]
