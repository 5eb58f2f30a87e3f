"""A mall whose ear is subscribed to what happens to orders: scenarios, and what is refused."""

from __future__ import annotations

from typing import Any

from shopwright import Order, accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows.subscriptions.commands import (
    DiscardNotice,
    PauseSubscription,
    RedeliverNotices,
    ReplaySubscription,
    ResumeSubscription,
    Subscribe,
)
from shopwright.ports.outlets import Retries
from shopwright.ports.storage import Position
from tests.flows.bad_case import Bad
from tests.flows.mall import CLERK, Mall, paid
from tests.flows.scenario import Scenario
from tests.flows.subscribing import NOBODY, SINCE

ONCE = Retries(tries=1)
BOTH_ENDS = frozenset({"OrderPlaced", "OrderConfirmed"})


def subscriptions_of(mall: Mall) -> list[tuple[Any, ...]]:
    """How each subscription stands, without the names that chance gave, how much is ahead of it, and what waits behind what."""
    found = [stored.value for stored in mall.shop.events.subscriptions().items]
    ahead = [len(mall.storage.read(one.stream, after=Position(one.position), limit=1_000)) for one in found]
    waits = [[(it.value.number, it.value.seen, it.value.tries, it.value.is_dead) for it in mall.shop.events.waiting(one.name).items] for one in found]
    return [(one.name, one.state, left, one.failures, one.holder, waiting) for one, left, waiting in zip(found, ahead, waits, strict=True)]


def subscribe(mall: Mall, **facts: Any) -> Any:
    """The ear is told everything, unless said otherwise."""
    command = Subscribe(**{"key": "subscribe", "by": CLERK, "name": "erp", "outlet": "erp", "since": SINCE, **facts})
    return mall.shop.events.subscribe(command)


def tell(mall: Mall, **facts: Any) -> Any:
    """One run of the one relay."""
    return mall.shop.events.tell("erp", **{"holder": "relay-1", **facts})


def with_news(mall: Mall) -> Order:
    """An order that the ear was not told of."""
    accepted(subscribe(mall, kinds=BOTH_ENDS))
    return paid(mall.shop)


def with_a_dead_notice(mall: Mall) -> Order:
    """An order of which the first notice is dead; the ear hears again."""
    accepted(subscribe(mall, kinds=BOTH_ENDS, retries=ONCE))
    order = paid(mall.shop)
    mall.ear.deaf_to = {order.id}
    accepted(tell(mall))
    mall.ear.deaf_to = set()
    return order


def discard(mall: Mall, about: str, number: int = 1) -> Any:
    """Pass over a notice."""
    return mall.shop.events.discard(DiscardNotice(key="discard", by=CLERK, name="erp", about=about, number=number))


def redeliver(mall: Mall, about: str) -> Any:
    """Try a dead notice anew."""
    return mall.shop.events.redeliver(RedeliverNotices(key="redeliver", by=CLERK, name="erp", about=about))


def replay(mall: Mall) -> Any:
    """All of it once more."""
    return mall.shop.events.replay(ReplaySubscription(key="replay", by=CLERK, name="erp", since=SINCE))


def pause(mall: Mall) -> Any:
    """Be quiet."""
    return mall.shop.events.pause(PauseSubscription(key="pause", by=CLERK, name="erp"))


def resume(mall: Mall) -> Any:
    """Go on."""
    return mall.shop.events.resume(ResumeSubscription(key="resume", by=CLERK, name="erp"))


def _tell_one_stuck(mall: Mall, order: Order) -> None:
    tell(mall)
    mall.clock.advance(days=1)
    mall.ear.deaf_to = set()
    tell(mall)


def _stuck(mall: Mall) -> Order:
    order = with_news(mall)
    mall.ear.deaf_to = {order.id}
    accepted(tell(mall))
    return order


SUBSCRIPTION_SCENARIOS = (
    Scenario("subscribe", flows.subscribe, lambda mall, _: subscribe(mall)),
    Scenario("tell what is new", flows.tell, lambda mall, _: tell(mall, limit=1) and tell(mall), with_news),
    Scenario("tell what was stuck", flows.tell, _tell_one_stuck, _stuck),
    Scenario("pause a subscription", flows.pause_subscription, lambda mall, _: pause(mall), with_news),
    Scenario("resume a subscription", flows.resume_subscription, lambda mall, _: resume(mall), lambda mall: [with_news(mall), pause(mall)]),
    Scenario("replay a subscription", flows.replay_subscription, lambda mall, _: replay(mall), lambda mall: [with_news(mall), tell(mall)]),
    Scenario("redeliver a notice", flows.redeliver_notices, lambda mall, order: redeliver(mall, order.id), with_a_dead_notice),
    Scenario("discard a notice", flows.discard_notice, lambda mall, order: discard(mall, order.id), with_a_dead_notice),
)


def _other(mall: Mall) -> None:
    accepted(subscribe(mall, key="points", stream="points"))


SUBSCRIPTION_CASES: dict[str, list[Bad]] = {
    "events.subscribe": [
        Bad("by a customer", lambda mall: subscribe(mall, by=customer("ann")), InvalidValue, "for staff"),
        Bad("an outlet that nobody has", lambda mall: subscribe(mall, outlet="sap"), InvalidValue, "this shop has erp"),
        Bad("a kind that is none", lambda mall: subscribe(mall, kinds=frozenset({"OrderEaten"})), InvalidValue, "name of an event"),
        Bad("a field that no event has", lambda mall: subscribe(mall, plus=("OrderPlaced.shoe_size",)), InvalidValue, "no field 'shoe_size'"),
        Bad("a field of no event", lambda mall: subscribe(mall, plus=("ship_to",)), InvalidValue, "<event>.<field>"),
        Bad("a token", lambda mall: subscribe(mall, plus=("OrderPlaced.payments.tender.source",)), InvalidValue, "goes out to nobody"),
        Bad("what holds a token", lambda mall: subscribe(mall, plus=("OrderPlaced.payments",)), InvalidValue, "goes out to nobody"),
        Bad("a name that is none", lambda mall: subscribe(mall, name="E R P"), InvalidValue, "made of"),
        Bad("another stream", subscribe, "subscription_taken", before=_other),
    ],
    "events.tell": [
        Bad("no such subscription", tell, "subscription_not_found"),
        Bad("no name", lambda mall: mall.shop.events.tell(7), InvalidValue, "name of a subscription"),  # type: ignore[arg-type]
        Bad("no limit", lambda mall: tell(mall, limit=0), InvalidValue, "limit"),
        Bad("no holder", lambda mall: tell(mall, holder="x" * 61), InvalidValue, "holder"),
    ],
    "events.pause": [Bad("no such subscription", pause, "subscription_not_found")],
    "events.resume": [Bad("no such subscription", resume, "subscription_not_found")],
    "events.replay": [Bad("no such subscription", replay, "subscription_not_found")],
    "events.redeliver": [
        Bad("no such subscription", lambda mall: redeliver(mall, NOBODY), "subscription_not_found"),
        Bad("nothing waits", lambda mall: redeliver(mall, NOBODY), "notice_not_waiting", before=subscribe),
    ],
    "events.discard": [
        Bad("no such subscription", lambda mall: discard(mall, NOBODY), "subscription_not_found"),
        Bad("nothing waits", lambda mall: discard(mall, NOBODY), "notice_not_waiting", before=subscribe),
    ],
    "events.subscription": [Bad("no such subscription", lambda mall: mall.shop.events.subscription("erp"), "subscription_not_found")],
    "events.subscriptions": [Bad("no limit", lambda mall: mall.shop.events.subscriptions(limit=0), InvalidValue, "limit")],
    "events.waiting": [
        Bad("no name", lambda mall: mall.shop.events.waiting(7), InvalidValue, "name of a subscription"),  # type: ignore[arg-type]
        Bad("no limit", lambda mall: mall.shop.events.waiting("erp", limit=0), InvalidValue, "limit"),
    ],
}
