"""A shop inside a host's own transaction: what it writes is the host's to commit, and nobody outside is asked meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from shopwright import Order, PayOrder, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows import commands as c
from shopwright.ports.storage import Query
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, an_order, placed, refused, stock

EVERY_ORDER = Query(Order)


class Ear:
    """An observer that keeps what it hears."""

    def __init__(self) -> None:
        self.heard_of: list[str] = []

    def heard(self, order_id: str, events: Sequence[object]) -> None:
        self.heard_of.append(order_id)


class Host:
    """An application with a connection of its own to the file that its shop lives in."""

    def __init__(self, path: Path) -> None:
        self.storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.provider = FakeProvider(clock=FrozenClock(START))
        self.ear = Ear()
        stock(self.outside())

    def outside(self) -> Shop:
        """The shop with transactions of its own."""
        return Shop(self.storage, gateways=[FakeGateway(provider=self.provider)], clock=FrozenClock(START))

    def inside(self) -> Shop:
        """The shop in the host's transaction, which begins now."""
        self.connection.execute("begin immediate")
        joined = self.storage.joined(self.connection)
        return Shop(joined, gateways=[FakeGateway(provider=self.provider)], clock=FrozenClock(START), observers=self.ear)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path / "mall.sqlite")
    yield host
    host.connection.close()
    host.storage.close()


def test_an_order_is_gone_when_the_host_rolls_back_and_its_key_is_free(host: Host) -> None:
    order = placed(host.inside())
    host.connection.execute("rollback")

    assert refused(host.outside().orders.get(order.id)) == "order_not_found"
    assert placed(host.outside()).total == order.total


def test_a_refusal_leaves_the_hosts_transaction_usable(host: Host) -> None:
    shop = host.inside()
    unknown = c.RecordPayment(key="r", by=CLERK, order_id="nobody", payment_id="p1", amount=placed(shop).total)

    assert refused(shop.payments.record(unknown)) == "order_not_found"
    host.connection.execute("commit")
    assert len(host.outside().orders.find(EVERY_ORDER).items) == 1


def test_no_gateway_is_asked_inside_and_the_shop_outside_asks_after_the_commit(host: Host) -> None:
    shop = host.inside()
    order = placed(shop)
    started = accepted(shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    assert (started.payments[0].state, host.provider.charges()) == ("started", ())
    host.connection.execute("commit")

    after = accepted(host.outside().payments.refresh(c.RefreshPayments(key="go", by=CLERK, order_id=order.id)))

    assert (after.state, after.paid, len(host.provider.charges())) == ("confirmed", 4900, 1)


def test_observers_hear_nothing_of_what_may_be_rolled_back(host: Host) -> None:
    placed(host.inside())
    host.connection.execute("commit")

    assert host.ear.heard_of == []
    told: list[object] = []
    assert host.outside().events.relay("mailer", told.extend) == 1


def test_the_same_shop_may_be_used_again_in_the_next_transaction(host: Host) -> None:
    first = placed(host.inside(), an_order(key="o1"))
    host.connection.execute("commit")
    second = placed(host.inside(), an_order(key="o2"))
    host.connection.execute("commit")

    assert {first.id, second.id} == {stored.value.id for stored in host.outside().orders.find(EVERY_ORDER).items}
