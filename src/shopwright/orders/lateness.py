"""Orders that come late: when a promise is broken, and what the shop owes for it, as rules.

    LateTerms(rules=(LateRule(id="sorry", after=timedelta(days=2), gives=Gives.SHIPPING, amount=10_000),))

Rules
- LATE-1: an order is late once for each promise: when its time has passed and units are not with the customer, or came after it;
- LATE-2: what a rule gives is owed once for a promise, when the order was late for so long by the time it arrived, by the time the exception ended,
  or until now; it is frozen when it is owed;
- a promise from before `since` is noted on record, and nothing is owed or told for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.exception_events import CompensationOwed
from shopwright.orders.exceptions import LATE
from shopwright.orders.noticing import moment_of, unfinished
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState


class Gives(StrEnum):
    """What a rule gives: money out of goodwill, a share of the shipping, points, or a coupon of a batch of codes."""

    GOODWILL = "goodwill"
    SHIPPING = "shipping"
    POINTS = "points"
    COUPON = "coupon"


def _span(instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a timedelta of zero or more, got {value!r}")


@frozen(kw_only=True)
class LateRule:
    """What is owed for an order that is late for `after` or longer.

    `amount` is minor units of `currency` for goodwill, basis points of what shipping cost for shipping, a count for points; a coupon is of a `batch`.
    """

    id: str = field(validator=identifier(most=60))
    after: timedelta = field(validator=_span)
    gives: Gives = field(validator=of(Gives))
    amount: int = field(default=1, validator=whole(least=1))
    currency: str = field(default="", validator=text(most=3))
    batch: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        if (self.gives is Gives.GOODWILL) != bool(self.currency):
            raise InvalidValue(f"LateRule.currency is named for goodwill and for nothing else, got {self.currency!r} for {self.gives}")
        if (self.gives is Gives.COUPON) != bool(self.batch):
            raise InvalidValue(f"LateRule.batch is named for coupons and for nothing else, got {self.batch!r} for {self.gives}")
        if self.gives is Gives.SHIPPING and self.amount > BASIS_POINTS:
            raise InvalidValue(f"LateRule.amount is at most {BASIS_POINTS} basis points of the shipping, got {self.amount}")


@frozen(kw_only=True)
class LateTerms:
    """What becomes of late orders: what is owed by which rules, for promises from `since` on, and whether the customer is told."""

    rules: tuple[LateRule, ...] = field(default=(), validator=members(LateRule))
    since: datetime | None = field(default=None, validator=maybe(aware))
    tells: bool = field(default=True, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        if len({it.id for it in self.rules}) < len(self.rules):
            raise InvalidValue("LateTerms.rules must have ids of their own")


def late_at(order: Order) -> datetime | None:
    """When the shop looks at an order that is late, or is to be by then; `None` where it is not (LATE-1)."""
    looks = [note.look_at for note in order.exceptions if note.look_at is not None]
    if looks:
        return min(looks)
    if order.promised_at is None or order.state not in (OrderState.CONFIRMED, OrderState.COMPLETED) or _is_noted(order):
        return None
    late = unfinished(order) or (order.delivered_at is not None and order.delivered_at > order.promised_at)
    return order.promised_at if late else None


def _is_noted(order: Order) -> bool:
    promise = moment_of(order.promised_at)
    return any(note.code == LATE and note.fact("promised_at") == promise for note in order.exceptions)


def noted_late(order: Order, terms: LateTerms, *, at: datetime) -> Decision:
    """That an order is late, once for its promise; nothing is decided for any other."""
    due = late_at(order)
    if due is None or due != order.promised_at or due > at or _is_noted(order):
        return Decision(order)
    before = terms.since is not None and due < terms.since
    return decided(order, ExceptionNoted(code=LATE, facts=(("promised_at", moment_of(due)),), at=at, on_record=before))


def looked_at(order: Order, *, at: datetime) -> tuple[int, ExceptionNote] | None:
    """The first exception that the shop looks at by itself now, with its number."""
    waiting = [(number, note) for number, note in enumerate(order.exceptions, start=1) if note.look_at is not None and note.look_at <= at]
    return waiting[0] if waiting else None


def late_until(order: Order, note: ExceptionNote, *, at: datetime) -> datetime:
    """Until when it was late: it arrived, or the exception ended; else now."""
    arrived = order.delivered_at if not unfinished(order) else None
    return min(it for it in (arrived, note.resolved_at, at) if it is not None)


def owed(order: Order, number: int, terms: LateTerms, *, at: datetime) -> Decision:
    """What is owed by now and was not before (LATE-2)."""
    note, decision = order.exceptions[number - 1], Decision(order)
    late = late_until(order, note, at=at) - promise_of(note)
    known = {it.rule for it in note.compensations}
    for rule in terms.rules:
        if rule.id not in known and late >= rule.after:
            event = CompensationOwed(exception=number, rule=rule.id, gives=rule.gives.value, amount=_amount(order, rule), batch=rule.batch, at=at)
            decision = decision.then(event)
    return decision


def promise_of(note: ExceptionNote) -> datetime:
    """The promise that an exception says was broken."""
    return datetime.fromisoformat(str(note.fact("promised_at")))


def next_look(note: ExceptionNote, terms: LateTerms) -> datetime | None:
    """When the next rule would owe something, were it still late by then."""
    known = {it.rule for it in note.compensations}
    return min([promise_of(note) + it.after for it in terms.rules if it.id not in known], default=None) if note.is_open else None


def _amount(order: Order, rule: LateRule) -> int:
    if rule.gives is Gives.GOODWILL:
        return rule.amount if rule.currency == order.currency else 0
    if rule.gives is Gives.SHIPPING:
        return sum([line.shipping for line in order.lines]) * rule.amount // BASIS_POINTS
    return rule.amount
