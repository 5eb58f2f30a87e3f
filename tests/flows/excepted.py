"""Exceptions in tests: good commands, bad cases, and what a crash breaks in two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import Order, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.commands import Command
from shopwright.flows.exceptions import commands as x
from shopwright.flows.exceptions.looking import InboxFilter
from shopwright.orders.exception_events import How
from shopwright.orders.lateness import Gives, LateRule, LateTerms
from shopwright.orders.lines import Bucket
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, START, WANTED, Mall, an_order, paid
from tests.flows.scenario import Scenario

EXCEPTION_PARTS: dict[type[Command], dict[str, Any]] = {
    x.AssignException: {"exception": 1, "owner_id": "eve"},
    x.ResolveException: {"exception": 1, "how": How.ACCEPTED, "note": "she called"},
    x.ReportWrong: {"about": x.Told.PHONE, "note": "a digit is missing"},
    x.ReportMissing: {"line_no": 1, "units": 1},
    x.CancelUnits: {"units": ((1, 1),)},
    x.MovePromise: {"promised_at": START + timedelta(days=9)},
    x.ReshipUnits: {"units": ((1, 1),), "source": Bucket.LOST},
}


def odd(mall: Mall, code: str = "payment_amount", **facts: Any) -> Order:
    """A paid order with an open exception."""
    order = paid(mall.shop)
    return accepted(mall.shop.orders.note(c.NoteException(key=f"odd-{code}", by=CLERK, order_id=order.id, code=code, facts=tuple(facts.items()))))


def _paid(mall: Mall) -> Order:
    return paid(mall.shop)


def assign(order: Order, **facts: Any) -> x.AssignException:
    return evolve(x.AssignException(key="mine", by=CLERK, order_id=order.id, exception=1, owner_id="clerk"), **facts)


def resolve(order: Order, **facts: Any) -> x.ResolveException:
    return evolve(x.ResolveException(key="done", by=CLERK, order_id=order.id, exception=1, how=How.SETTLED, note="she called"), **facts)


def _bad(verb: str, name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        (order,) = mall.orders()
        command = assign(order) if verb == "assign" else resolve(order)
        return getattr(mall.shop.exceptions, verb)(evolve(command, **facts))

    return Bad(name, act, expected, match, before=odd)


SORRY = LateTerms(
    rules=(
        LateRule(id="money", after=timedelta(days=1), gives=Gives.GOODWILL, amount=300, currency="EUR"),
        LateRule(id="shipping", after=timedelta(days=2), gives=Gives.SHIPPING, amount=5_000),
        LateRule(id="points", after=timedelta(days=2), gives=Gives.POINTS, amount=50),
        LateRule(id="coupon", after=timedelta(days=3), gives=Gives.COUPON, batch="sorry"),
    )
)


def promised(mall: Mall, *, days: int = 5) -> Order:
    """A paid order on its way that was promised for the day after it was placed, so many days after that."""
    order = paid(mall.shop, evolve(an_order(), promised_at=mall.clock.now() + timedelta(days=1)))
    about = {"by": CLERK, "order_id": order.id}
    accepted(mall.shop.shipping.ship(c.ShipOrder(key="ship", **about)))
    order = accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="out", shipment_id="s1", **about)))
    mall.clock.advance(timedelta(days=days))
    return order


def missing(mall: Mall) -> Order:
    """A paid order of which one tea is not on the shelf."""
    order = paid(mall.shop)
    return accepted(mall.shop.exceptions.report_missing(x.ReportMissing(key="gone", by=CLERK, order_id=order.id, line_no=1, units=1)))


def sent(mall: Mall) -> Order:
    """A paid order that is on its way."""
    order = paid(mall.shop)
    accepted(mall.shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))
    return accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))


def lost(mall: Mall) -> Order:
    """A paid order whose parcel is lost."""
    return accepted(mall.shop.shipping.lose(c.LoseShipment(key="lost", by=CLERK, order_id=sent(mall).id, shipment_id="s1")))


def _out(kind: type[Command], order: Order, **facts: Any) -> Any:
    return kind(key="way-out", by=CLERK, order_id=order.id, **{**EXCEPTION_PARTS[kind], **facts})  # type: ignore[call-arg]  # each has its parts


def _bad_way(verb: str, kind: type[Command], name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        return getattr(mall.shop.exceptions, verb)(evolve(_out(kind, mall.orders()[0]), **facts))

    return Bad(name, act, expected, match, before=missing)


def _resolved(mall: Mall) -> None:
    accepted(mall.shop.exceptions.resolve(resolve(odd(mall))))


def _again(mall: Mall) -> Any:
    return mall.shop.exceptions.resolve(resolve(mall.orders()[0], key="again"))


EXCEPTION_CASES: dict[str, list[Bad]] = {
    "exceptions.inbox": [
        Bad("no filter", lambda mall: mall.shop.exceptions.inbox("late"), InvalidValue, "InboxFilter"),
        Bad("a word for a kind", lambda mall: InboxFilter(kind="goods!"), InvalidValue, "kind"),
        Bad("no limit", lambda mall: mall.shop.exceptions.inbox(limit=0), InvalidValue, "limit"),
        Bad("no cursor", lambda mall: mall.shop.exceptions.inbox(after="x"), InvalidValue, "cursor"),
    ],
    "exceptions.sweep_late": [
        Bad("no limit", lambda mall: mall.shop.exceptions.sweep_late(limit=0), InvalidValue, "limit"),
        Bad("a word for a limit", lambda mall: mall.shop.exceptions.sweep_late(limit="all"), InvalidValue, "limit"),  # type: ignore[arg-type]
    ],
    "exceptions.assign": [
        _bad("assign", "an exception that is not there", "exception_unknown", exception=2),
        _bad("assign", "the customer asks", "order_not_found", by=ANN),
        _bad("assign", "no exception", InvalidValue, "exception", exception=0),
    ],
    "exceptions.resolve": [
        _bad("resolve", "an exception that is not there", "exception_unknown", exception=2),
        _bad("resolve", "as it cannot end", "resolution_unfit", how=How.RESHIPPED),
        _bad("resolve", "by itself", "resolution_unfit", how=How.BY_ITSELF),
        _bad("resolve", "the customer asks", "order_not_found", by=ANN),
        _bad("resolve", "in no known way", InvalidValue, "how", how="somehow"),
        Bad("what is resolved", _again, "exception_resolved", before=_resolved),
    ],
    "exceptions.report_wrong": [
        _bad_way("report_wrong", x.ReportWrong, "nothing known", InvalidValue, "about", about="shoes"),
        _bad_way("report_wrong", x.ReportWrong, "too long a note", InvalidValue, "note", note="x" * 1_001),
    ],
    "exceptions.report_missing": [
        _bad_way("report_missing", x.ReportMissing, "a line that is not there", "units_unknown", line_no=9),
        _bad_way("report_missing", x.ReportMissing, "more than were sold", "units_not_open", units=2),
        _bad_way("report_missing", x.ReportMissing, "the customer asks", "order_not_found", by=ANN),
    ],
    "exceptions.cancel_units": [
        _bad_way("cancel_units", x.CancelUnits, "a line that is not there", "units_unknown", units=((9, 1),)),
        _bad_way("cancel_units", x.CancelUnits, "more than are open", "units_not_open", units=((1, 3),)),
        _bad_way("cancel_units", x.CancelUnits, "for an exception that is not there", "exception_unknown", exception=2),
        _bad_way("cancel_units", x.CancelUnits, "no units", InvalidValue, "1 unit or more", units=()),
        _bad_way("cancel_units", x.CancelUnits, "the customer asks", "order_not_found", by=ANN),
    ],
    "exceptions.move_promise": [
        _bad_way("move_promise", x.MovePromise, "to the past", InvalidValue, "time to come", promised_at=START),
        _bad_way("move_promise", x.MovePromise, "for an exception that is not there", "exception_unknown", exception=2),
    ],
    "exceptions.reship": [
        _bad_way("reship", x.ReshipUnits, "what is not lost", "units_not_there"),
        _bad_way("reship", x.ReshipUnits, "from nowhere", InvalidValue, "source", source=Bucket.OPEN),
        _bad_way("reship", x.ReshipUnits, "no units", InvalidValue, "1 unit or more", units=()),
    ],
}

EXCEPTED = (
    Scenario("assign an exception", flows.assign_exception, lambda mall, order: mall.shop.exceptions.assign(assign(order)), odd),
    Scenario("resolve an exception", flows.resolve_exception, lambda mall, order: mall.shop.exceptions.resolve(resolve(order)), odd),
    Scenario("report what is wrong", flows.report_wrong, lambda mall, order: mall.shop.exceptions.report_wrong(_out(x.ReportWrong, order)), _paid),
    Scenario("report missing", flows.report_missing, lambda mall, order: mall.shop.exceptions.report_missing(_out(x.ReportMissing, order)), _paid),
    Scenario(
        "cancel units", flows.cancel_units, lambda mall, order: mall.shop.exceptions.cancel_units(_out(x.CancelUnits, order, exception=1)), missing
    ),
    Scenario(
        "move a promise", flows.move_promise, lambda mall, order: mall.shop.exceptions.move_promise(_out(x.MovePromise, order, exception=1)), missing
    ),
    Scenario("sweep late orders", flows.sweep_late, lambda mall, order: mall.shop.exceptions.sweep_late(), promised, ways={"late": SORRY}),
    Scenario("reship", flows.reship_units, lambda mall, order: mall.shop.exceptions.reship(_out(x.ReshipUnits, order, exception=1)), lost),
)
