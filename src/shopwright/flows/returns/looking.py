"""Cases as they are found again: by number, by order, and in the inbox of those that are open, the oldest first."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.flows.returns.saving import not_found, read_case
from shopwright.flows.saving import read
from shopwright.flows.walking import each_found
from shopwright.members.actors import Actor
from shopwright.ports.edge import check_text
from shopwright.ports.storage import Match, Query, Where
from shopwright.refusals import Refusal
from shopwright.returns.case import Case, WaitsFor


@frozen(kw_only=True)
class OpenCase:
    """A case that is open, how long it has been, and whether its customer is late with what they were to do."""

    case: Case
    age: timedelta
    overdue: bool


@frozen
class Inbox:
    """A page of open cases; `next` is empty once there are no more."""

    cases: tuple[OpenCase, ...]
    next: str = ""


def inbox(ports: Ports, *, at: datetime, waits_for: WaitsFor | None = None, limit: int = 50, after: str = "") -> Inbox:
    """A page of the cases that are open, the oldest first; with `waits_for` those that wait for the shop, its customers or carriers alone."""
    if waits_for is not None and not isinstance(waits_for, WaitsFor):
        raise InvalidValue(f"expected waits_for as a WaitsFor, or None for all that is open; got {waits_for!r}")
    where: tuple[Where, ...] = (Where("open_since", Match.AT_MOST, at),)
    if waits_for is not None:
        where += (Where("waits_for", Match.EQUAL, waits_for.value),)
    page = ports.storage.find(Query(Case, where=where, order_by="open_since", limit=limit, after=after))
    return Inbox(tuple([_open(stored.value, at) for stored in page.items]), page.next)


def _open(case: Case, at: datetime) -> OpenCase:
    return OpenCase(case=case, age=at - case.opened_at, overdue=case.due_at is not None and case.due_at <= at)


def numbered(ports: Ports, number: str, *, by: Actor) -> Case | Refusal:
    """A case by its number, as typed: that of its order, and which of its cases it is. Refused with `case_not_found`.

    Raises `InvalidValue` for what is no number of a case.
    """
    check_text("number", number)
    order, _, nth = number.strip().upper().rpartition("C")
    if not (nth.isascii() and nth.isdecimal()) or len(nth) > 9:
        raise InvalidValue(f"expected the number of a case, that of its order with -C1 behind it; got {number[:60]!r}")
    plain = f"{ports.numbers.normalize(order)}-C{int(nth)}"
    page = ports.storage.find(Query(Case, where=(Where("number", Match.EQUAL, plain),), limit=1))
    found = next((stored.value for stored in page.items), None)
    if found is None:
        return not_found(plain)
    seen = read_case(ports, found.id, by)
    return not_found(plain) if isinstance(seen, Refusal) else seen.value


def of_order(ports: Ports, order_id: str, *, by: Actor) -> tuple[Case, ...] | Refusal:
    """The cases of an order, in the order in which they were opened. Refused with `order_not_found`."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    query = Query(Case, where=(Where("order_id", Match.EQUAL, order_id),), order_by="opened_at", limit=1_000)
    return tuple([it.value for it in each_found(ports.storage, query)])
