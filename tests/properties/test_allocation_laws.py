"""The planner against every assignment there is: it finds the best one, proves it, and refuses only what nobody could ship."""

from __future__ import annotations

from itertools import product
from random import Random

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.inventory import Costs, Location, OnShelf, Plan, Policy, Rate, Standing, Strategy, Wanted, plan, reasons
from shopwright.refusals import Refusal

Parts = dict[tuple[str, str], int]
ZONE = "here"
SKUS = ("apples", "bread", "cheese")
few = st.integers(0, 3)


@st.composite
def locations(draw, most=4, units=6):
    """Up to so many locations; one in a while does not ship to the zone."""
    found = []
    for number in range(draw(st.integers(1, most))):
        stock = [OnShelf(sku, draw(st.integers(0, units)), target=draw(few)) for sku in SKUS if draw(st.integers(0, 4))]
        zone = ZONE if draw(st.integers(0, 9)) else "elsewhere"
        rate = Rate(zone, distance=draw(st.integers(0, 9)), parcel=draw(st.integers(0, 9)), unit=draw(few))
        found.append(Location(f"w{number}", stock=tuple(stock), rates=(rate,)))
    return tuple(found)


@st.composite
def wanted(draw, most=6, units=3):
    return tuple([Wanted(f"l{number}", draw(st.sampled_from(SKUS)), draw(st.integers(1, units))) for number in range(draw(st.integers(1, most)))])


costs = st.builds(Costs, per_distance=few, split=st.integers(0, 5), shortfall=few)
policies = st.builds(Policy, strategy=st.sampled_from(Strategy), costs=costs, most_parcels=st.none() | st.integers(1, 3), steps=st.just(1_000_000))


def standing(parts: Parts, lines, places, policy) -> Standing | None:
    """How an assignment stands, worked out from the rules alone; `None` where nobody could ship it. Its keys are location and line ids."""
    sku_of = {line.line_id: line.sku for line in lines}
    known = {place.id: place for place in places}
    taken: dict[tuple[str, str], int] = {}
    for (id, line_id), units in parts.items():
        taken[id, sku_of[line_id]] = taken.get((id, sku_of[line_id]), 0) + units
    rates = {id: known[id].rate(ZONE) for id, _ in taken}
    if None in rates.values() or len(rates) > (policy.most_parcels or 99):
        return None
    cost = policy.costs.split * (len(rates) - 1) + sum(rate.parcel + policy.costs.per_distance * rate.distance for rate in rates.values())
    for (id, sku), units in taken.items():
        shelf = {it.sku: it for it in known[id].stock}.get(sku)
        if shelf is None or shelf.available < units:
            return None
        plenty = max(0, shelf.available - shelf.target)
        cost += units * rates[id].unit + max(0, units - plenty) * policy.costs.shortfall
    distance = sum(units * rates[id].distance for (id, _), units in taken.items())
    return Standing(cost=cost, parcels=len(rates), distance=distance)


def whole_assignments(lines, places):
    """Each line to each location."""
    for chosen in product([place.id for place in places], repeat=len(lines)):
        yield {(id, line.line_id): line.quantity for id, line in zip(chosen, lines, strict=True)}


def split_assignments(lines, places):
    """The units of each line in every way over the locations."""
    ids = [place.id for place in places]

    def ways(quantity):
        return [dict(zip(ids, way, strict=True)) for way in product(range(quantity + 1), repeat=len(ids)) if sum(way) == quantity]

    for chosen in product(*[ways(line.quantity) for line in lines]):
        yield {(id, line.line_id): units for line, way in zip(lines, chosen, strict=True) for id, units in way.items() if units}


def best(assignments, lines, places, policy):
    """The measures of the best of all assignments, in the order in which they count."""
    found = [at.weight(policy.strategy) for parts in assignments if (at := standing(parts, lines, places, policy)) is not None]
    return min(found, default=None)


def parts_of(answer: Plan) -> Parts:
    return {(part.location_id, part.line_id): part.quantity for part in answer.parts}


def check(answer, expected, lines, places, policy):
    if expected is None:
        assert isinstance(answer, Refusal)
        assert answer.code in {"destination_unserved", "stock_short", "split_unavoidable"}
        return
    assert isinstance(answer, Plan)
    assert answer.standing == standing(parts_of(answer), lines, places, policy)
    assert (answer.standing.weight(policy.strategy), answer.proved) == (expected, True)
    assert answer.bound == expected[0]


@settings(max_examples=150, deadline=None)
@given(wanted(), locations(), policies)
def test_a_plan_of_whole_lines_is_as_good_as_the_best_of_all_assignments(lines, places, policy):
    check(plan(lines, places, zone=ZONE, policy=policy), best(whole_assignments(lines, places), lines, places, policy), lines, places, policy)


@settings(max_examples=150, deadline=None)
@given(wanted(most=3), locations(most=3, units=4), policies)
def test_a_plan_that_may_split_lines_is_as_good_as_the_best_way_to_split_them(lines, places, policy):
    policy = evolve(policy, split_lines=True)
    check(plan(lines, places, zone=ZONE, policy=policy), best(split_assignments(lines, places), lines, places, policy), lines, places, policy)


@settings(max_examples=100, deadline=None)
@given(wanted(), locations(), policies, st.booleans(), st.integers(0, 99))
def test_the_order_of_lines_and_locations_changes_nothing(lines, places, policy, split, seed):
    """ALLOCATE-2."""
    policy = evolve(policy, split_lines=split)
    mixed_lines, mixed_places = list(lines), [evolve(place, stock=place.stock[::-1]) for place in places]
    Random(seed).shuffle(mixed_lines)
    Random(seed).shuffle(mixed_places)
    assert plan(mixed_lines, mixed_places, zone=ZONE, policy=policy) == plan(lines, places, zone=ZONE, policy=policy)


@settings(max_examples=100, deadline=None)
@given(wanted(), locations(), policies, st.booleans(), st.integers(0, 6))
def test_a_search_that_is_cut_short_keeps_the_laws_and_says_what_it_did_not_prove(lines, places, policy, split, steps):
    """ALLOCATE-3."""
    policy = evolve(policy, split_lines=split)
    full, cut = plan(lines, places, zone=ZONE, policy=policy), plan(lines, places, zone=ZONE, policy=evolve(policy, steps=steps))
    if isinstance(full, Refusal):
        assert isinstance(cut, Refusal)
        assert cut.code in {full.code, "plan_not_found"}
    elif isinstance(cut, Refusal):
        assert cut.code == "plan_not_found"
    else:
        assert cut.standing == standing(parts_of(cut), lines, places, policy)
        assert cut.bound <= full.standing.weight(policy.strategy)[0] <= cut.standing.weight(policy.strategy)[0]
        assert cut.standing == full.standing or not cut.proved


@settings(max_examples=100, deadline=None)
@given(wanted(), locations(), policies, st.booleans())
def test_a_plan_ships_each_line_whole_and_takes_no_more_than_is_there(lines, places, policy, split):
    """ALLOCATE-1."""
    answer = plan(lines, places, zone=ZONE, policy=evolve(policy, split_lines=split))
    if isinstance(answer, Plan):
        shipped = {line.line_id: sum(part.quantity for part in answer.parts if part.line_id == line.line_id) for line in lines}
        assert shipped == {line.line_id: line.quantity for line in lines}
        there = {(place.id, shelf.sku): shelf.available for place in places for shelf in place.stock}
        assert [took for took in answer.taken() if took[2] > there[took[0], took[1]]] == []


@settings(max_examples=60, deadline=None)
@given(wanted(most=4), locations(), policies)
def test_the_reason_for_a_location_is_the_best_plan_without_it(lines, places, policy):
    answer = plan(lines, places, zone=ZONE, policy=policy)
    if isinstance(answer, Plan):
        for reason in reasons(answer, lines, places, zone=ZONE, policy=policy):
            others = [place for place in places if place.id != reason.location_id]
            expected = best(whole_assignments(lines, others), lines, others, policy) if others else None
            assert (reason.without and reason.without.weight(policy.strategy)) == expected
