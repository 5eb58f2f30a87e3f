"""Which location ships what, case by case, and what the planner says no to."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.inventory import Costs, Location, OnShelf, Part, Plan, Policy, Rate, Reason, Standing, Strategy, Wanted, plan, reasons
from shopwright.refusals import Refusal, accepted

ZONE = "here"


def a_location(id: str, stock: dict[str, int], *, distance: int = 1, parcel: int = 500, unit: int = 0, target: int = 0) -> Location:
    shelves = tuple([OnShelf(sku, units, target=target) for sku, units in stock.items()])
    return Location(id, stock=shelves, rates=(Rate(ZONE, distance=distance, parcel=parcel, unit=unit),))


NORTH = a_location("north", {"mug": 5, "pot": 1}, distance=10, parcel=400)
SOUTH = a_location("south", {"mug": 5, "tea": 9}, distance=2, parcel=600)
HUB = a_location("hub", {"mug": 9, "pot": 9, "tea": 9}, distance=50, parcel=1_100)
LINES = (Wanted("1", "mug", 2), Wanted("2", "pot", 1), Wanted("3", "tea", 1))
ALL = (NORTH, SOUTH, HUB)


def planned(policy: Policy = Policy(), lines=LINES, locations=ALL) -> Plan:
    return accepted(plan(lines, locations, zone=ZONE, policy=policy))


def part(location_id: str, line_id: str, sku: str, quantity: int) -> Part:
    return Part(location_id=location_id, line_id=line_id, sku=sku, quantity=quantity)


def test_the_cheapest_plan_takes_two_parcels_where_they_cost_less_than_one():
    assert planned() == Plan(
        parts=(part("north", "2", "pot", 1), part("south", "1", "mug", 2), part("south", "3", "tea", 1)),
        standing=Standing(cost=1_000, parcels=2, distance=10 + 2 * 2 + 2),
        proved=True,
        bound=1_000,
    )


def test_a_split_penalty_brings_the_goods_into_one_parcel():
    penalty = Policy(costs=Costs(split=200))
    assert planned().locations == ("north", "south")
    assert planned(penalty) == Plan(
        parts=(part("hub", "1", "mug", 2), part("hub", "2", "pot", 1), part("hub", "3", "tea", 1)),
        standing=Standing(cost=1_100, parcels=1, distance=200),
        proved=True,
        bound=1_100,
    )


def test_each_strategy_counts_its_own_measure_first():
    found = {strategy: planned(Policy(strategy=strategy)).standing for strategy in Strategy}
    assert found == {
        Strategy.CHEAPEST: Standing(cost=1_000, parcels=2, distance=16),
        Strategy.FEWEST_PARCELS: Standing(cost=1_100, parcels=1, distance=200),
        Strategy.NEAREST: Standing(cost=1_000, parcels=2, distance=16),
    }


def test_distance_costs_what_the_policy_says_once_for_each_parcel():
    assert planned(Policy(costs=Costs(per_distance=7))).standing.cost == 1_000 + 7 * (10 + 2)


def test_stock_that_grows_short_is_spared_where_that_costs_less():
    short, rich = a_location("a", {"mug": 4}, target=3), a_location("b", {"mug": 40}, parcel=510, target=3)
    line = (Wanted("1", "mug", 3),)
    assert planned(Policy(costs=Costs(shortfall=4)), line, (short, rich)).locations == ("a",)
    assert planned(Policy(costs=Costs(shortfall=6)), line, (short, rich)).locations == ("b",)


def test_two_lines_that_share_a_sku_leave_a_location_short_together():
    lines = (Wanted("1", "mug", 2), Wanted("2", "mug", 2))
    assert planned(Policy(costs=Costs(shortfall=10)), lines, (a_location("a", {"mug": 6}, target=3),)).standing.cost == 500 + 10


def test_two_lines_that_share_a_sku_are_counted_together():
    """ALLOCATE-1."""
    lines = (Wanted("1", "mug", 3), Wanted("2", "mug", 3))
    assert plan(lines, (a_location("a", {"mug": 5}),), zone=ZONE) == Refusal(
        "stock_short", "6 of mug are wanted and 5 can be shipped", {"sku": "mug", "wanted": 6, "available": 5}
    )
    assert planned(lines=lines, locations=(a_location("a", {"mug": 5}), a_location("b", {"mug": 5}))).taken() == (("a", "mug", 3), ("b", "mug", 3))


def test_a_line_is_split_only_where_the_policy_lets_it():
    lines, places = (Wanted("1", "mug", 7),), (a_location("a", {"mug": 5}), a_location("b", {"mug": 5}))
    assert plan(lines, places, zone=ZONE) == Refusal(
        "split_unavoidable",
        "the goods for here are there, but cannot be shipped without splitting more than the policy allows",
        {"zone": ZONE, "lines": 1},
    )
    assert planned(Policy(split_lines=True), lines, places).parts == (part("a", "1", "mug", 5), part("b", "1", "mug", 2))


def test_no_plan_has_more_parcels_than_the_policy_lets():
    assert planned(Policy(most_parcels=1)).locations == ("hub",)
    refused = plan(LINES, (NORTH, SOUTH), zone=ZONE, policy=Policy(most_parcels=1))
    assert isinstance(refused, Refusal)
    assert refused.code == "split_unavoidable"


def test_who_does_not_ship_there_is_not_asked():
    assert plan(LINES, ALL, zone="elsewhere") == Refusal("destination_unserved", "no location ships to elsewhere", {"zone": "elsewhere"})
    far = Location("far", stock=HUB.stock, rates=(Rate("elsewhere"),))
    refused = plan(LINES, (NORTH, far), zone=ZONE)
    assert isinstance(refused, Refusal)
    assert dict(refused.facts) == {"sku": "tea", "wanted": 1, "available": 0}


def test_a_search_without_steps_answers_with_a_first_plan_and_a_bound():
    """ALLOCATE-3."""
    # The first plan takes the cheapest parcel for each line in turn; the one parcel that is cheaper in all is found by the search.
    places = (a_location("a", {"mug": 9}, parcel=100), a_location("b", {"tea": 9}, parcel=100), a_location("c", {"mug": 9, "tea": 9}, parcel=150))
    lines = (Wanted("1", "mug", 1), Wanted("2", "tea", 1))
    first, best = planned(Policy(steps=0), lines, places), planned(Policy(), lines, places)
    assert (first.standing.cost, first.proved, first.bound <= 150) == (200, False, True)
    assert (best.standing.cost, best.proved, best.bound) == (150, True, 150)


def test_a_search_that_ended_before_it_found_anything_says_so():
    assert plan(LINES, ALL, zone=ZONE, policy=Policy(most_parcels=1, steps=0)) == Refusal(
        "plan_not_found", "no plan for 3 lines to here was found in 0 steps; allow more of them, or lines to be split", {"steps": 0}
    )


def test_a_reason_tells_how_the_plan_without_a_location_would_stand():
    answer = planned()
    told = reasons(answer, LINES, ALL, zone=ZONE)
    without = Standing(cost=1_100, parcels=1, distance=200)
    assert told[0] == Reason(location_id="north", without=without, proved=True)
    assert told[0].worse_by(answer) == Standing(cost=100, parcels=-1, distance=184)


def test_a_location_without_which_nothing_can_be_shipped_has_no_alternative():
    answer = planned(locations=(NORTH, SOUTH))
    told = reasons(answer, LINES, (NORTH, SOUTH), zone=ZONE)
    assert [(it.location_id, it.without, it.worse_by(answer)) for it in told] == [("north", None, None), ("south", None, None)]


@pytest.mark.parametrize(
    ("lines", "locations", "told"),
    [
        ((), ALL, "expected at least 1 line to plan for, got none"),
        ((LINES[0], LINES[0]), ALL, "expected each line once, got 1 more than once"),
        (LINES, (NORTH, NORTH), "expected each location once, got north more than once"),
    ],
)
def test_questions_without_meaning_are_misuse(lines, locations, told):
    with pytest.raises(InvalidValue, match=told):
        plan(lines, locations, zone=ZONE)


def test_a_location_names_each_sku_and_each_zone_once():
    with pytest.raises(InvalidValue, match="location a: a sku must be named once, got mug again"):
        Location("a", stock=(OnShelf("mug", 1), OnShelf("mug", 2)))
    with pytest.raises(InvalidValue, match="location a: a zone must be named once, got here again"):
        Location("a", rates=(Rate(ZONE), Rate(ZONE, parcel=5)))


def test_hundreds_of_lines_end_within_the_steps():
    lines = [Wanted(f"{number:03}", f"sku-{number}", 2) for number in range(400)]
    stock = [{f"sku-{number}": 3 for number in range(400) if (number + place) % 3} for place in range(20)]
    places = [a_location(f"w{place:02}", each, parcel=300 + place, unit=place) for place, each in enumerate(stock)]
    for split in (False, True):
        answer = planned(Policy(split_lines=split, steps=2_000), lines, places)
        assert answer.bound <= answer.standing.cost
        assert sum(it.quantity for it in answer.parts) == 800
