"""A mall that judges payments: its rules, and orders that are paid from somewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import Order, PayOrder, Refusal, Shop
from shopwright.adapters.fake_gateway import EVERYTHING
from shopwright.adapters.memory import MemoryStorage
from shopwright.payments.events import RiskAssessed
from shopwright.payments.risk.conditions import RiskCondition, TooOften
from shopwright.payments.risk.context import PaymentContext
from shopwright.payments.risk.rules import RiskPolicy, RiskRule
from shopwright.payments.risk.velocities import Kind, Link, Trail, Velocity
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.risk import AskedEngine, Risk
from shopwright.ports.storage import Query, Storage
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, Mall, an_order, placed

KEY = b"0123456789abcdef" * 2
HERE = PaymentContext(ip="203.0.113.7", device="d-1")
HOUR = timedelta(hours=1)
AT_ONE_IP = Velocity(by=Link.IP, within=HOUR)


def a_rule(when: RiskCondition, then: Verdict, id: str = "r1") -> RiskRule:
    return RiskRule(id=id, when=when, then=then)


def more_than(above: int, then: Verdict = Verdict.BLOCK, *, velocity: Velocity = AT_ONE_IP, id: str = "often") -> RiskRule:
    return a_rule(TooOften(velocity, above=above), then, id)


def of_kind(kind: Kind, by: Link = Link.IP, within: timedelta = HOUR) -> Velocity:
    return Velocity(by=by, within=within, kinds=frozenset({kind}))


def a_risk(*rules: RiskRule, engines: tuple[AskedEngine, ...] = (), keys: tuple[bytes, ...] = (KEY,), **facts: Any) -> Risk:
    return Risk(policies={"EUR": RiskPolicy(rules=rules)}, keys=keys, engines=engines, **facts)


def judging(
    *rules: RiskRule, storage: Storage | None = None, engines: tuple[AskedEngine, ...] = (), able: dict[str, Any] | None = None, **ways: Any
) -> Mall:
    """A mall with these rules."""
    mall = Mall(storage or MemoryStorage(KINDS), ways={"risk": a_risk(*rules, engines=engines), **ways})
    mall.provider.capabilities = evolve(EVERYTHING, **(able or {}))
    return mall


def pay(shop: Shop, order: Order, *, key: str = "pay", context: PaymentContext | None = HERE) -> Order | Refusal:
    return shop.payments.pay(PayOrder(key=f"{key}-{order.id}", by=ANN, order_id=order.id, context=context))


def attempt(mall: Mall, number: int, *, token: str = "tok_ok", context: PaymentContext | None = HERE, **facts: Any) -> Order | Refusal:
    """One more order, paid from there."""
    order = placed(mall.shop, an_order(key=f"o{number}", token=token, **facts))
    return pay(mall.shop, order, context=context)


def told(answer: Order | Refusal) -> str:
    """The code of a refusal, or the verdict on the first payment of an order."""
    if isinstance(answer, Refusal):
        return answer.code
    judged = answer.payments[0].judged
    return "" if judged is None else judged.follows.value


def assessed(mall: Mall, order_id: str) -> tuple[RiskAssessed, ...]:
    """What was said of the payments of an order."""
    return tuple(it.value for it in mall.shop.orders.history(order_id) if isinstance(it.value, RiskAssessed))


def trails(mall: Mall) -> dict[str, Trail]:
    """Every trail, by the name of its link."""
    return {it.value.id: it.value for it in mall.storage.find(Query(Trail, limit=1_000)).items}


def noted(mall: Mall, link: Link) -> list[tuple[str, int]]:
    """What stands on the trails of this link: kinds and amounts, sorted."""
    return sorted((it.kind.value, it.amount) for id, trail in trails(mall).items() if id.startswith(f"{link.value}/") for it in trail.happenings)
