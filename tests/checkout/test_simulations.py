"""Every simulated provider keeps the promises of its face: buyers wait, pay or go, and a recipe makes a gateway that works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopwright import Order, Refusal, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators import open_simulation
from shopwright.adapters.simulators.face import Simulation, opened, rerouted
from shopwright.adapters.system import SystemClock
from shopwright.errors import InvalidValue
from shopwright.flows.commands import RefreshPayments
from shopwright.payments.errors import NotFound
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Done
from shopwright.testing import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.checkout.selling import ANN, a_pay, an_order, stocked
from tests.checkout.world import GATEWAYS, more, simulated


@pytest.fixture(params=GATEWAYS)
def simulation(request: pytest.FixtureRequest) -> Iterator[Simulation]:
    with simulated(request.param, FrozenClock()) as found:
        yield found


@pytest.fixture
def shop(simulation: Simulation) -> Shop:
    return stocked(Shop(MemoryStorage(KINDS), gateways=[simulation.gateway()], clock=FrozenClock()), simulation.currency)


def waiting_order(shop: Shop, simulation: Simulation) -> Order:
    """An order whose buyer has to act."""
    order = accepted(shop.orders.place(an_order(simulation)))
    order = accepted(shop.payments.pay(a_pay(order)))
    simulation.come(order.payments[0].reference, order.payments[0].action)
    return order


def heard(shop: Shop, simulation: Simulation, order: Order) -> Order:
    """The order after all that was pushed."""
    for raw in simulation.pushed():
        assert shop.payments.receive(simulation.name, raw).status < 300
    return accepted(shop.orders.get(order.id))


def test_a_payment_waits_for_its_buyer_who_pays_once(simulation: Simulation, shop: Shop) -> None:
    order = waiting_order(shop, simulation)
    [waiting] = simulation.waiting()
    assert (waiting.reference, waiting.amount) == (order.payments[0].reference, order.total)

    assert [simulation.approve(waiting.reference) for _ in range(2)] == [True, False]
    assert (simulation.waiting(), simulation.decline(waiting.reference)) == ([], False)
    assert heard(shop, simulation, order).paid == order.total.minor
    assert [it.amount for it in simulation.moved() if it.kind in {"captured", "authorized"}] == [order.total]


def test_a_buyer_who_goes_away_pays_nothing(simulation: Simulation, shop: Shop) -> None:
    order = waiting_order(shop, simulation)
    reference = order.payments[0].reference

    assert simulation.decline(reference)
    assert not simulation.approve(reference)
    heard(shop, simulation, order)
    refreshed = shop.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=order.id))
    assert not isinstance(refreshed, Refusal)
    assert (refreshed.paid, refreshed.payments[0].state.value in {"declined", "voided"}) == (0, True)


def test_nobody_pays_for_what_nobody_asked_for(simulation: Simulation) -> None:
    assert (simulation.approve("no_such_payment"), simulation.decline("no_such_payment"), list(simulation.waiting())) == (False, False, [])


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_recipe_makes_a_gateway_that_reaches_the_simulation(name: str) -> None:
    with simulated(name, SystemClock()) as simulation:
        shop = stocked(Shop(MemoryStorage(KINDS), gateways=[simulation.gateway()]), simulation.currency)
        order = waiting_order(shop, simulation)
        simulation.approve(order.payments[0].reference)
        found: dict[str, Any] = {}

        exec(simulation.recipe(), found)

        gateway = found[name]
        assert gateway.name == name
        if simulation.address:
            assert isinstance(gateway.query(reference=order.payments[0].reference), Done)


def test_what_a_simulation_keeps_in_a_file_another_one_finds_there(tmp_path: Path) -> None:
    path, clock = tmp_path / "fake.journal", FrozenClock()
    with open_simulation("fake", clock=clock, path=path) as first, open_simulation("fake", clock=clock, path=path) as second:
        shop = stocked(Shop(MemoryStorage(KINDS), gateways=[first.gateway()], clock=clock), "EUR")
        order = waiting_order(shop, first)
        assert second.approve(order.payments[0].reference)
        assert heard(shop, first, order).paid == order.total.minor
        found: dict[str, Any] = {}
        exec(second.recipe(), found)
        assert isinstance(found["fake"].query(reference=order.payments[0].reference), Done)
        with pytest.raises(NotFound):
            FakeGateway(clock=clock).query(key=OperationKey("nobody"))


def test_a_port_and_a_file_are_refused_by_who_has_none() -> None:
    with pytest.raises(InvalidValue, match="listens on no port"), open_simulation("fake", clock=FrozenClock(), port=8_000):
        pass
    facts = more("alipay")
    with pytest.raises(InvalidValue, match="keeps nothing in a file"), open_simulation("alipay", clock=FrozenClock(), path=Path("x"), **facts):
        pass


def test_a_buyer_opens_no_page_of_another_machine() -> None:
    for url in ("https://openapi.alipay.com/x", "http://example.com/x", "file:///etc/passwd"):
        with pytest.raises(InvalidValue, match=r"on 127\.0\.0\.1"):
            opened(url)


def test_an_address_keeps_its_path_at_another_host() -> None:
    there = "http://127.0.0.1:9"
    assert rerouted("http://127.0.0.1:1/gateway.do", there) == f"{there}/gateway.do"
    assert (rerouted("http://127.0.0.1:1", there), rerouted("http://127.0.0.1:1/a", "")) == (there, "http://127.0.0.1:1/a")
