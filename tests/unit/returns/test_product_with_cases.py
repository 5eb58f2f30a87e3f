"""An order and its cases together: whatever happens to the one while the others are open, there is a way to rest, and nothing is given twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import frozen

from shopwright.orders import fold
from shopwright.orders.events import UnitsReopened
from shopwright.returns.events import QuarantineEnded
from shopwright.returns.evolve import fold as fold_case
from shopwright.returns.words import Resolution, Why, Wish
from shopwright.testing.builders import a_decision, sold
from tests.unit.orders.product import led
from tests.unit.orders.test_product_of_machines import CAME, LAWS
from tests.unit.returns.affairs import Affair, Seen, walk

CASE = r"apply: .*|approve|reject|receive 1|miss|expire|inspect|resolve(: .*)?|kept aside: .*"
ENDS = r"complete|cancel, goods out|cancel|refund the surplus|refund: (ask|yes|cannot)|plan all|dispatch|deliver|unplan"
GIVEN = frozenset({Resolution.REFUND, Resolution.STORE_CREDIT})


@frozen
class World:
    """What customers wish, how many cases there may be, what may happen besides what the shop does, and where the walk begins."""

    name: str
    wishes: tuple[Wish, ...]
    moves: str
    cases: int = 1
    quantity: int = 1
    life: tuple[str, ...] = CAME

    def allows(self, name: str, here: Affair) -> bool:
        """Whether the walk may take this step: misfortunes of one sort strike once."""
        match name:
            case "plan all":
                return len(here.order.shipments) < 2
            case "told: charged_back":
                return not any(it.charged_back or it.won_back for it in here.order.payments)
            case "refund 1" | "give back 1":
                return not here.order.refund_granted
            case "told: refunded":
                return not here.order.refunded
        return True


def a_wish(why: Why = Why.CHANGED_MIND, resolution: Resolution = Resolution.REFUND, units: int = 1) -> Wish:
    """For units of the one line."""
    return Wish(line_no=1, units=units, why=why, resolution=resolution)


REFUND, REPLACE = a_wish(), a_wish(Why.DAMAGED, Resolution.REPLACE)
LOST, CREDIT = a_wish(Why.LOST, Resolution.REPLACE), a_wish(resolution=Resolution.STORE_CREDIT)
BOTH = a_wish(units=2)
OUTSIDE = r"told: charged_back|take back|give back 1"


def worlds(*, wide: bool) -> tuple[World, ...]:
    """The worlds; wide ones have more wishes and more misfortunes in them."""
    return (
        World("a return", (REFUND,), rf"{OUTSIDE}|send|inspect: used" + ("|ask|answer|withdraw|inspect: .*" if wide else "")),
        World("what customers do", (REFUND,), "ask|answer|send|withdraw|inspect: .*|told: charged_back"),
        World("a replacement", (REPLACE,), "take back|told: charged_back|inspect: used" + ("|send|ask|give back 1|refund 1" if wide else "")),
        World("a parcel that is lost", (LOST,), "lose|take back|told: charged_back|give back 1", life=CAME[:-1]),
        World("two units of one case", (BOTH,), "give back 1|inspect: .*" + ("|take back|told: charged_back" if wide else ""), quantity=2),
        World("two cases", (REFUND, REPLACE) if wide else (CREDIT, REPLACE), "take back", cases=2, quantity=2 if wide else 1),
    )


@pytest.fixture(
    scope="module", params=[*worlds(wide=False), *[pytest.param(it, marks=pytest.mark.full) for it in worlds(wide=True)]], ids=lambda it: it.name
)
def seen(request: pytest.FixtureRequest) -> Seen:
    """All of one world."""
    world: World = request.param
    life = led(a_decision(sold("TEA", world.quantity)), *world.life)
    return walk(Affair(life.order, life.events), world.wishes, rf"{CASE}|{ENDS}|{world.moves}", world.allows, cases=world.cases, most=60_000)


def test_an_order_and_its_cases_come_to_rest_from_every_joint_state(seen: Seen, record_property: Callable[[str, object], None]) -> None:
    record_property("joint_states", len(seen.affairs))

    assert seen.stuck(cases_alone=False)[:3] == []


def test_a_case_comes_to_an_end_whatever_has_become_of_its_order_and_of_its_customer(seen: Seen) -> None:
    """Canceled, completed, given back otherwise or charged back: what the shop may do to the case, and time, are enough."""
    assert seen.stuck(cases_alone=True)[:3] == []


def test_histories_tell_of_the_order_and_its_cases_in_every_joint_state(seen: Seen) -> None:
    wrong = [
        seen.ways[key] for key, it in seen.affairs.items() if fold(it.history) != it.order or tuple(fold_case(told) for told in it.told) != it.cases
    ]

    assert wrong == []


@pytest.mark.parametrize("law", LAWS)
def test_a_law_of_orders_holds_with_cases(seen: Seen, law: str) -> None:
    assert [seen.ways[key] for key, it in seen.affairs.items() if not LAWS[law](it.order)][:3] == []


def test_no_unit_is_given_back_twice(seen: Seen) -> None:
    """RETURN-1, RETURN-5, REFUND-1: what cases gave money for was settled on the order, of each line no more than left the house."""
    assert [seen.ways[key] for key, it in seen.affairs.items() if not _once(it)][:3] == []


def _once(here: Affair) -> bool:
    settled = sum(it.units for it in here.order.settled)
    given = sum(it.units for case in here.cases for line in case.lines for it in line.outcomes if it.resolution in GIVEN)
    return given <= settled <= here.order.lines[0].quantity - here.order.lines[0].buckets.canceled


def test_stock_of_goods_that_come_back_is_for_sale_once(seen: Seen) -> None:
    """ORDER-12, ORDER-22, RETURN-9: an order claims what was not called off, and what went out once more, less what its cases put on sale again."""
    assert [(seen.ways[key], it.order.claim) for key, it in seen.affairs.items() if it.order.claim.items != _claimed(it)][:3] == []


def _claimed(here: Affair) -> tuple[tuple[str, int], ...]:
    line = here.order.lines[0]
    again = sum(units for event in here.history if isinstance(event, UnitsReopened) for _, units in event.units)
    resolved = sum(it.restocked for case in here.cases for it in case.lines)
    ended = [event for told in here.told for event in told if isinstance(event, QuarantineEnded) and event.restocked]
    units = line.quantity - line.buckets.canceled + again - resolved - sum(count for event in ended for _, count in event.units)
    return (("stock/TEA", units),) if units else ()
