"""The laws of simulations: without limits they are the sum of pricing each order alone, with limits nothing is used more often than it may be."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import combinations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.promotions.basket import Basket
from shopwright.promotions.engine import Engine
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.simulation import PastOrder
from shopwright.promotions.simulator import Simulator, simulate
from tests.properties.promotion_values import BASKETS, STACKINGS, money, promotion_sets

PASTS = st.lists(st.tuples(BASKETS, st.one_of(st.none(), st.integers(0, 20_000))), max_size=5).map(
    lambda past: tuple(
        [PastOrder(f"o{number}", evolve(basket, at=basket.at + timedelta(hours=number)), paid) for number, (basket, paid) in enumerate(past)]
    )
)
LIMITS = st.builds(
    Limits,
    total=st.one_of(st.none(), st.integers(0, 3)),
    per_member=st.one_of(st.none(), st.integers(1, 2)),
    per_code=st.one_of(st.none(), st.integers(1, 2)),
    per_day=st.one_of(st.none(), st.integers(1, 2)),
    budget=st.one_of(st.just(()), money(1, 3_000)),
)


def in_order_of_time(past: tuple[PastOrder, ...]) -> tuple[PastOrder, ...]:
    return tuple(sorted(past, key=lambda order: order.at))


@given(PASTS.map(in_order_of_time), promotion_sets(), STACKINGS)
def test_without_limits_the_totals_are_those_of_pricing_each_order_alone(
    past: tuple[PastOrder, ...], promotions: tuple[Promotion, ...], stacking: Stacking
) -> None:
    engine = Engine(promotions, stacking=stacking)
    alone = [engine.evaluate(order.basket) for order in past]
    found = simulate(past, engine)
    costs: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for outcome in alone:
        costs.update({it.promotion.id: it.amount for it in outcome.applied})
        pairs.update(combinations(sorted(it.promotion.id for it in outcome.applied), 2))

    assert found.cost == sum(outcome.discount + outcome.shipping for outcome in alone)
    assert found.discounted == sum(outcome.discount + outcome.shipping > 0 for outcome in alone)
    assert {it.id: it.cost for it in found.promotions if it.cost} == {id: cost for id, cost in costs.items() if cost}
    assert {(it.one, it.other): it.orders for it in found.overlaps} == pairs


@given(PASTS.map(in_order_of_time), promotion_sets(), STACKINGS)
def test_every_cent_of_a_simulation_has_its_promotion_its_step_and_its_order(
    past: tuple[PastOrder, ...], promotions: tuple[Promotion, ...], stacking: Stacking
) -> None:
    found = simulate(past, Engine(promotions, stacking=stacking))
    due = found.sales - found.cost
    paid = [order.paid for order in past]

    assert found.cost == sum(it.cost for it in found.promotions)
    assert found.cost == sum(cost for it in found.promotions for _, cost in it.course)
    assert found.orders == found.winners.orders + found.losers.orders + found.unmoved + found.not_compared
    if None not in paid:
        assert found.winners.amount - found.losers.amount == sum(it for it in paid if it is not None) - due


@given(PASTS.map(in_order_of_time), promotion_sets(), STACKINGS, st.data())
def test_no_limit_is_ever_exceeded(past: tuple[PastOrder, ...], promotions: tuple[Promotion, ...], stacking: Stacking, data: st.DataObject) -> None:
    limited = tuple([evolve(it, limits=data.draw(LIMITS)) for it in promotions])
    simulator = Simulator(Engine(limited, stacking=stacking))
    taken: list[tuple[Basket, str, int]] = []
    for order in past:
        outcome = simulator.add(order)
        taken += [(order.basket, it.promotion.id, it.amount) for it in outcome.applied]
    for promotion in limited:
        uses = [(basket, amount) for basket, id, amount in taken if id == promotion.id]
        limits = promotion.limits
        members = Counter(basket.buyer.id for basket, _ in uses)
        days = Counter(basket.at.date() for basket, _ in uses)

        assert limits.total is None or len(uses) <= limits.total
        assert limits.per_member is None or all(count <= limits.per_member for count in members.values())
        assert limits.per_day is None or all(count <= limits.per_day for count in days.values())
        assert not limits.budget or sum(amount for _, amount in uses) <= limits.budget[0].money.minor


@given(PASTS.map(in_order_of_time), promotion_sets(), STACKINGS)
def test_a_set_against_itself_moves_nobody(past: tuple[PastOrder, ...], promotions: tuple[Promotion, ...], stacking: Stacking) -> None:
    engine = Engine(promotions, stacking=stacking)
    found = simulate(past, engine, against=engine)
    assert (found.unmoved, found.baseline) == (found.orders, found.cost)
    assert found.break_even(margin=3_000) == 0
