"""The inbox: what is open, of which order, since when, whose it is, and what one tries first.

Rules
- INBOX-1: it holds every open exception and nothing else; what is noted on record, or resolved, is not in it;
- INBOX-2: orders come by their oldest open exception, and what is open of one order stands together, oldest first;
- INBOX-3: a page goes on exactly behind the last order of the one before; it looks at `MOST_LOOKED` orders at most, and may end early with a `next`;
- the age is told at the time of the look, and is never below zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from attrs import evolve, field, frozen

from shopwright.edges import aware, maybe, of, text
from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.orders.excepting import exception_since
from shopwright.orders.exceptions import ExceptionKind, Severity, meaning_of
from shopwright.orders.order import Order
from shopwright.ports.edge import check_limit
from shopwright.ports.storage import Match, Query, Where
from shopwright.refusals import Fact
from shopwright.wire import cursors

MOST_LOOKED = 2_000
"""How many orders one page looks at, at most."""

CHUNK = 200
_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class InboxFilter:
    """What an exception must be to be shown. `None` asks for nothing; an empty `owner` asks for what nobody works on."""

    code: str | None = field(default=None, validator=maybe(text(least=1, most=60)))
    kind: ExceptionKind | None = field(default=None, validator=maybe(of(ExceptionKind)))
    severity: Severity | None = field(default=None, validator=maybe(of(Severity)))
    owner: str | None = field(default=None, validator=maybe(text()))
    noted_before: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class OpenException:
    """One open exception: `exception` is its number in its order; `suggests` names public verbs of a shop in the order in which one tries them."""

    order_id: str
    number: str
    exception: int
    code: str
    facts: tuple[tuple[str, Fact], ...]
    noted_at: datetime
    age: timedelta
    owner: str
    kind: ExceptionKind
    severity: Severity
    meaning: str
    suggests: tuple[str, ...]


@frozen
class Inbox:
    """A page of the inbox. `next` is empty once there are no more; a page that is short, or empty, and has a `next` ended early (INBOX-3)."""

    exceptions: tuple[OpenException, ...]
    next: str = ""


def inbox(ports: Ports, wanted: InboxFilter, *, at: datetime, limit: int = 50, after: str = "") -> Inbox:
    """What is open, of `limit` orders at most. Raises `InvalidValue` for a limit outside 1 to 1,000 and for a cursor that is none."""
    if not isinstance(wanted, InboxFilter):
        raise InvalidValue(f"expected an InboxFilter, got {type(wanted).__name__}")
    check_limit(limit)
    kind, found, orders, looked = ports.storage.kinds.document(Order), list[OpenException](), 0, 0
    query = Query(Order, where=(_since(wanted),), order_by="exception_since", limit=CHUNK, after=after)
    while True:
        chunk = ports.storage.find(query)
        for place, stored in enumerate(chunk.items, start=1):
            looked += 1
            rows = tuple(_open(stored.value, wanted, at))
            found += rows
            orders += bool(rows)
            if orders == limit or looked == MOST_LOOKED:
                is_last = place == len(chunk.items) and not chunk.next
                behind = "" if is_last else cursors.cursor(kind, query, value=exception_since(stored.value), id=stored.value.id)
                return Inbox(tuple(found), behind)
        if not chunk.next:
            return Inbox(tuple(found))
        query = evolve(query, after=chunk.next)


def _since(wanted: InboxFilter) -> Where:
    if wanted.noted_before is not None:
        return Where("exception_since", Match.BELOW, wanted.noted_before)
    return Where("exception_since", Match.AT_LEAST, _BEGINNING)


def _open(order: Order, wanted: InboxFilter, at: datetime) -> Iterator[OpenException]:
    for exception, note in sorted(order.open_exceptions, key=lambda it: (it[1].at, it[0])):
        line = meaning_of(note.code)
        asked = ((wanted.code, note.code), (wanted.kind, line.kind), (wanted.severity, line.severity), (wanted.owner, note.owner))
        if any(want is not None and want != told for want, told in asked):
            continue
        if wanted.noted_before is not None and note.at >= wanted.noted_before:
            continue
        yield OpenException(
            order_id=order.id,
            number=order.number,
            exception=exception,
            code=note.code,
            facts=note.facts,
            noted_at=note.at,
            age=max(timedelta(0), at - note.at),
            owner=note.owner,
            kind=line.kind,
            severity=line.severity,
            meaning=line.meaning,
            suggests=line.suggests,
        )
