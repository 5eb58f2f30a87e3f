"""A promotion set over past orders: costs, limits that are used up on the way, who wins and who loses, and what must be sold to pay for it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from attrs import evolve

from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.promotions.basket import Buyer
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import AnyOf, Birthday, CartTotal, Code
from shopwright.promotions.courses import MOST_STEPS, Courses
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.simulation import Change, Overlap, PastOrder, PromotionTally, Side, Simulation, break_even
from shopwright.promotions.simulator import MOST_TOLD, Simulator, simulate
from shopwright.promotions.taking import Gift
from tests.unit.promotions.baskets import NOON, a_basket, a_promotion, eur

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEN = a_promotion("ten", Percent(1_000))
FREE_SHIPPING = a_promotion("post", ShippingOff(percent=10_000), when=CartTotal(least=eur(5_000)))


def an_order(number: int, *prices: int | tuple[int, int], paid: int | None = None, after: timedelta = DAY, **more) -> PastOrder:
    """An order placed so long after the one before it."""
    return PastOrder(f"o{number}", a_basket(*prices or (1_000,), at=NOON + number * after, **more), paid)


def by_id(simulation: Simulation) -> dict[str, PromotionTally]:
    return {tally.id: tally for tally in simulation.promotions}


def used_up(limits: Limits, *orders: PastOrder) -> PromotionTally:
    """What becomes of ten percent off under these limits."""
    (tally,) = simulate(orders, Engine((evolve(TEN, limits=limits),))).promotions
    return tally


def test_everything_is_told_of_a_small_past():
    orders = (
        an_order(0, 1_000, shipping=500, paid=1_500),
        an_order(1, 4_000, 2_000, shipping=500, paid=5_000),
        an_order(2, 2_000, shipping=300),
    )
    assert simulate(orders, Engine((TEN, FREE_SHIPPING))) == Simulation(
        currency="EUR",
        orders=3,
        changed=3,
        discounted=3,
        unproved=0,
        first_at=NOON,
        last_at=NOON + 2 * DAY,
        goods=9_000,
        shipping=1_300,
        changed_goods=9_000,
        cost=1_400,
        extras=0,
        baseline=0,
        promotions=(
            PromotionTally("ten", "", 3, 900, 0, 9_000, 0, NOON, NOON + 2 * DAY, None, ((NOON, 100), (NOON + DAY, 600), (NOON + 2 * DAY, 200))),
            PromotionTally("post", "", 1, 500, 0, 6_000, 0, NOON + DAY, NOON + DAY, None, ((NOON + DAY, 500),)),
        ),
        overlaps=(Overlap("post", "ten", 1),),
        winners=Side(1, 100, (Change("o0", 100),)),
        losers=Side(1, 400, (Change("o1", -400),)),
        unmoved=0,
        not_compared=1,
        step=HOUR,
    )


def test_no_orders_give_an_empty_result():
    empty = simulate((), Engine((TEN,)))
    assert (empty.orders, empty.currency, empty.cost, empty.share, empty.first_at) == (0, "", 0, None, None)
    assert empty.break_even(margin=3_000) == 0


def test_the_cost_is_told_as_a_part_of_goods_and_shipping():
    assert simulate([an_order(0, 900, shipping=100)], Engine((TEN,))).share == Fraction(90, 1_000)


def test_gifts_are_no_cost_and_are_told_apart():
    gift = a_promotion("gift", Extra(gifts=(Gift("MUG"),), worth=eur(250)))
    found = simulate([an_order(0), an_order(1)], Engine((gift,)))
    assert (found.cost, found.extras, found.changed, found.discounted) == (0, 500, 2, 0)
    assert (by_id(found)["gift"].uses, by_id(found)["gift"].extras, by_id(found)["gift"].course) == (2, 500, ())


def test_a_total_is_used_up_by_the_first_orders_and_turns_the_others_away():
    tally = used_up(Limits(total=2), *[an_order(number) for number in range(5)])
    assert (tally.uses, tally.cost, tally.turned_away, tally.last_use, tally.exhausted_at) == (2, 200, 3, NOON + DAY, NOON + DAY)


def test_a_budget_is_used_up_when_an_order_first_wants_more_than_is_left_and_smaller_ones_still_have_it():
    tally = used_up(Limits(budget=eur(250)), an_order(0, 2_000), an_order(1, 1_000), an_order(2, 400), an_order(3, 200))
    assert (tally.cost, tally.turned_away, tally.exhausted_at, tally.last_use) == (240, 2, NOON + DAY, NOON + 2 * DAY)


def test_a_budget_that_is_spent_to_the_cent_is_used_up_by_the_order_that_spent_it():
    tally = used_up(Limits(budget=eur(200)), an_order(0), an_order(1))
    assert (tally.cost, tally.turned_away, tally.exhausted_at) == (200, 0, NOON + DAY)


def test_units_are_used_up_by_the_orders_that_take_the_last_of_them():
    tally = used_up(Limits(units=3), an_order(0, (1_000, 2)), an_order(1, (1_000, 2)), an_order(2, 1_000), an_order(3, 1_000))
    assert (tally.uses, tally.cost, tally.turned_away, tally.exhausted_at) == (2, 300, 2, NOON + DAY)


def test_a_limit_per_member_turns_that_member_away_and_is_never_used_up():
    ann, bob = Buyer("ann"), Buyer("bob")
    tally = used_up(Limits(per_member=1), an_order(0, buyer=ann), an_order(1, buyer=ann), an_order(2, buyer=bob))
    assert (tally.uses, tally.turned_away, tally.exhausted_at) == (2, 1, None)


def test_a_limit_per_birthday_is_one_of_the_member_and_the_year():
    born = Buyer("ann", born=date(1990, NOON.month, NOON.day), zone="UTC")
    when = Birthday(BirthdayWindow(days_before=3, days_after=3))
    cake = a_promotion("cake", Percent(1_000), when=AnyOf((when, Code("CAKE"))), limits=Limits(per_birthday=1))
    later = evolve(born, born=date(1990, NOON.month, NOON.day + 1))  # the date was corrected
    orders = [an_order(0, buyer=born), an_order(1, buyer=born), an_order(2, buyer=later), an_order(365, buyer=born), an_order(366, codes={"CAKE"})]

    (tally,) = simulate(orders, Engine((cake,))).promotions

    assert (tally.uses, tally.turned_away) == (2, 2)


def test_a_limit_per_code_counts_the_codes_that_were_typed():
    coded = a_promotion("coded", Percent(1_000), when=Code({"A", "B"}), limits=Limits(per_code=1))
    orders = [an_order(number, codes={code}) for number, code in enumerate("AABC")]
    (tally,) = simulate(orders, Engine((coded,))).promotions
    assert (tally.uses, tally.turned_away) == (2, 1)


def test_a_limit_per_day_begins_anew_with_the_day_of_its_zone():
    orders = [an_order(number, after=8 * HOUR) for number in range(4)]  # 12:00, 20:00, 04:00 and 12:00 in UTC
    assert used_up(Limits(per_day=1), *orders).uses == 2
    assert used_up(Limits(per_day=1, zone="Asia/Tokyo"), *orders).uses == 2
    assert used_up(Limits(per_day=2, zone="Asia/Tokyo"), *orders).uses == 3


def test_a_promotion_that_is_used_up_makes_room_for_the_next_best():
    best = a_promotion("best", Percent(2_000), exclusive=True, limits=Limits(total=1))
    found = simulate([an_order(0), an_order(1)], Engine((best, evolve(TEN, exclusive=True))))
    assert {id: (tally.uses, tally.cost) for id, tally in by_id(found).items()} == {"best": (1, 200), "ten": (1, 100)}


def test_another_set_with_limits_of_its_own_says_what_would_have_been_paid():
    old = Engine((a_promotion("five", AcrossOff(eur(500)), limits=Limits(total=1)),))
    found = simulate([an_order(0, paid=1), an_order(1), an_order(2, 100)], Engine((TEN,)), against=old)
    assert (found.cost, found.baseline, found.not_compared) == (210, 500, 0)
    assert (found.winners, found.losers) == (Side(2, 110, (Change("o1", 100), Change("o2", 10))), Side(1, 400, (Change("o0", -400),)))


def test_an_order_that_would_pay_the_same_neither_wins_nor_loses():
    assert simulate([an_order(0, paid=900)], Engine((TEN,))).unmoved == 1


def test_only_the_first_winners_are_told_by_name_and_of_equal_ones_the_earlier():
    orders = [an_order(number, paid=1_000) for number in range(MOST_TOLD + 5)]
    orders.append(an_order(MOST_TOLD + 5, paid=2_000))
    winners = simulate(orders, Engine((TEN,))).winners
    assert (winners.orders, winners.amount) == (MOST_TOLD + 6, (MOST_TOLD + 5) * 100 + 1_100)
    assert [change.order for change in winners.first] == [f"o{MOST_TOLD + 5}", *[f"o{number}" for number in range(MOST_TOLD - 1)]]


def test_the_result_can_be_asked_for_on_the_way():
    simulator = Simulator(Engine((TEN,)))
    costs = []
    for number in range(3):
        simulator.add(an_order(number))
        costs.append(simulator.result().cost)
    assert costs == [100, 200, 300]


def test_orders_that_go_back_in_time_are_misuse():
    with pytest.raises(InvalidValue, match="got order o0 of 2026-03-01T12:00:00"):
        simulate([an_order(1), an_order(0)], Engine((TEN,)))


def test_orders_in_two_currencies_are_misuse():
    with pytest.raises(CurrencyMismatch, match="expected orders in EUR, as the first was, got USD in order o1"):
        simulate([an_order(0), an_order(1, currency="USD")], Engine((TEN,)))


def test_goods_with_a_margin_must_grow_until_they_earn_as_much_as_before():
    found = simulate([an_order(0, 10_000)], Engine((TEN,)))
    growth = found.break_even(margin=3_000)
    assert growth == Fraction(1, 2)
    assert (1 + growth) * (3_000 - 1_000) == 3_000
    assert found.promotions[0].break_even(margin=3_000) == growth


def test_no_growth_pays_for_a_cost_of_the_whole_margin():
    assert break_even(goods=10_000, cost=1_000, margin=1_000) is None
    assert break_even(goods=10_000, cost=1_000, margin=1_001) == 1_000


def test_a_set_that_costs_less_than_the_other_pays_even_when_sales_fall():
    assert break_even(goods=10_000, cost=500, baseline=1_000, margin=3_000) == Fraction(-500, 2_500)


@pytest.mark.parametrize("margin", [0, -1, 10_001, True, 30.0])
def test_a_margin_is_basis_points(margin):
    with pytest.raises(InvalidValue, match="expected a margin of 1 to 10000 basis points"):
        break_even(goods=1, cost=0, margin=margin)


def test_steps_of_a_course_become_longer_with_the_time_and_lose_nothing():
    courses = Courses()
    times = [NOON + number * HOUR for number in range(5_000)]
    for at in times:
        courses.add("a", 1, at=at)
    courses.add("b", 7, at=times[-1])
    course = courses.of("a")
    assert courses.step == DAY
    assert sum(amount for _, amount in course) == 5_000
    assert len(course) <= MOST_STEPS
    assert course[1] == (NOON + 12 * HOUR, 24)
    assert sum(amount for _, amount in courses.of("b")) == 7


def test_a_whole_century_stays_within_the_steps():
    courses = Courses()
    for year in range(100):
        courses.add("a", 1, at=NOON.replace(year=2_000 + year))
    assert courses.step == 128 * DAY
    assert [amount for _, amount in courses.of("a")] == [1] * 100
