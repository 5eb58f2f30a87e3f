"""Which location ships what: a plan from the lines of an order, the locations with their stock, and where the goods go.

    answer = plan(lines, locations, zone="berlin", policy=Policy(strategy=Strategy.CHEAPEST))

Rules
- ALLOCATE-1: all lines of a plan are shipped whole, and what its lines take of one sku from one location together is never more than is there;
- ALLOCATE-2: the order of lines and locations changes nothing;
- ALLOCATE-3: a plan says whether it is proved to be a best one; where the steps were too few for that, it says what no plan can be better than;
- a plan promises nothing: whoever commits it takes the stock under the storage's own guard, and plans anew when some of it has gone.

Refusals, in the order of the checks: `destination_unserved` (fact: `zone`), `stock_short` (facts: `sku`, `wanted`, `available`), `split_unavoidable`
(facts: `zone`, `lines`), `plan_not_found` (fact: `steps`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shopwright.errors import InvalidValue
from shopwright.inventory.locations import Location
from shopwright.inventory.plans import Part, Plan, Policy, Reason, Wanted
from shopwright.inventory.searching import Found, Search
from shopwright.inventory.weighing import Item, Question, question
from shopwright.refusals import Refusal

CHEAPEST = Policy()
"""The policy where none is given: the least cost, each line from one location."""


def plan(lines: Sequence[Wanted], locations: Sequence[Location], *, zone: str, policy: Policy = CHEAPEST) -> Plan | Refusal:
    """The best plan that the policy allows and its steps find.

    Refused with `destination_unserved` when no location ships to the zone, with `stock_short` when those that do have too few units of a sku
    for all lines together, with `split_unavoidable` when there is enough, but not for whole lines from as few locations as the policy wants, and
    with `plan_not_found` when the steps ended before anything was found. Raises `InvalidValue` for no lines, and for ids that are there twice.
    """
    _require_once("line", [line.line_id for line in lines], least=1)
    _require_once("location", [location.id for location in locations])
    asked = question(lines, locations, zone, policy)
    short = _shortage(lines, locations, zone, asked)
    if short is not None:
        return short
    search = Search(asked)
    found = search.run()
    if found is None:
        return _not_found(lines, zone, policy) if search.exhausted else _unavoidable(lines, zone)
    return _told(asked, found)


def reasons(answer: Plan, lines: Sequence[Wanted], locations: Sequence[Location], *, zone: str, policy: Policy = CHEAPEST) -> tuple[Reason, ...]:
    """Why each location is in a plan that these same facts gave: how the best plan without it would stand. A search for each of them."""
    told = []
    for id in answer.locations:
        other = plan(lines, [it for it in locations if it.id != id], zone=zone, policy=policy)
        if isinstance(other, Refusal):
            told.append(Reason(location_id=id, without=None, proved=other.code != "plan_not_found"))
        else:
            told.append(Reason(location_id=id, without=other.standing, proved=other.proved))
    return tuple(told)


def _told(asked: Question, found: Found) -> Plan:
    """What the search found, line by line."""
    parts = [part for item, taken in zip(asked.items, found.taken, strict=True) for part in _dealt(item, taken, asked.places.__getitem__)]
    return Plan(
        parts=tuple(sorted(parts, key=lambda it: (it.location_id, it.line_id))),
        standing=asked.scale.standing(found.weight),
        proved=found.bound == found.weight,
        bound=asked.scale.first(found.bound),
    )


def _dealt(item: Item, taken: Sequence[tuple[int, int]], name: Callable[[int], str]) -> list[Part]:
    """The units of an item dealt to its lines, in order: the first line gets what the first location ships."""
    wanting = [(line, line.quantity) for line in reversed(item.lines)]
    parts = []
    for place, units in sorted(taken):
        left = units
        while left:
            line, quantity = wanting.pop()
            given = min(left, quantity)
            parts.append(Part(location_id=name(place), line_id=line.line_id, sku=item.sku, quantity=given))
            left -= given
            if given < quantity:
                wanting.append((line, quantity - given))
    return parts


def _shortage(lines: Sequence[Wanted], locations: Sequence[Location], zone: str, asked: Question) -> Refusal | None:
    """What cannot be had at all; lines that share a sku are counted together."""
    if not asked.places:
        return Refusal("destination_unserved", f"no location ships to {zone}", {"zone": zone})
    serving = set(asked.places)
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    there = dict.fromkeys(wanted, 0)
    for location in locations:
        if location.id in serving:
            for shelf in location.stock:
                if shelf.sku in there:
                    there[shelf.sku] += shelf.available
    for sku in sorted(wanted):
        if there[sku] < wanted[sku]:
            message = f"{wanted[sku]} of {sku} are wanted and {there[sku]} can be shipped"
            return Refusal("stock_short", message, {"sku": sku, "wanted": wanted[sku], "available": there[sku]})
    return None


def _unavoidable(lines: Sequence[Wanted], zone: str) -> Refusal:
    message = f"the goods for {zone} are there, but cannot be shipped without splitting more than the policy allows"
    return Refusal("split_unavoidable", message, {"zone": zone, "lines": len(lines)})


def _not_found(lines: Sequence[Wanted], zone: str, policy: Policy) -> Refusal:
    message = f"no plan for {len(lines)} lines to {zone} was found in {policy.steps} steps; allow more of them, or lines to be split"
    return Refusal("plan_not_found", message, {"steps": policy.steps})


def _require_once(what: str, ids: Sequence[str], *, least: int = 0) -> None:
    if len(ids) < least:
        raise InvalidValue(f"expected at least {least} {what} to plan for, got none")
    if len(set(ids)) != len(ids):
        twice = sorted({id for id in ids if ids.count(id) > 1})
        raise InvalidValue(f"expected each {what} once, got {', '.join(twice)} more than once")
