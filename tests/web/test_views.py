"""The ready views of `examples/web` in the real frameworks: what is pushed comes in byte for byte, what the shop answers goes out byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Order, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import StorageBusy, StorageUnavailable, VersionConflict
from shopwright.payments.notifications import BODY_LIMIT, Ack, Notification, RawNotification
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.mall import Mall, an_order, paid
from tests.surroundings import ROOT
from tests.web.hosts import HOSTS, Answer, Ask, Request

VIEWS = sorted((ROOT / "examples" / "web").glob("*_view.py"))


class Site:
    """A mall whose provider lives now, and a website in front of it."""

    def __init__(self, host: str, *, wrap: Any = lambda shop: shop) -> None:
        self.mall = Mall(MemoryStorage(KINDS))
        now: FrozenClock = self.mall.clock
        now.advance(datetime.now(UTC) - now.now())
        self._open = HOSTS[host](wrap(self.mall.shop))
        self.ask: Ask = self._open.__enter__()

    def close(self) -> None:
        self._open.__exit__(None, None, None)

    def bought(self) -> tuple[Order, list[Request]]:
        """An order whose buyer has paid on the provider's page, and what the provider pushes for it."""
        order = paid(self.mall.shop, an_order(token="tok_redirect"))
        self.mall.provider.approve(order.payments[0].reference)
        return order, [a_request(raw) for raw in self.mall.provider.notifications()]

    def order(self, order: Order) -> Order:
        return accepted(self.mall.shop.orders.get(order.id))


def a_request(raw: RawNotification) -> Request:
    return Request(raw.body, raw.headers)


@pytest.fixture(params=sorted(HOSTS))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    opened = Site(request.param)
    yield opened
    opened.close()


def test_what_is_pushed_pays_the_order_and_is_acknowledged_in_the_providers_own_words(site: Site) -> None:
    order, pushed = site.bought()

    answers = [site.ask(request) for request in pushed * 2]

    assert [(it.status, it.body) for it in answers] == [(200, b"ok")] * len(answers)
    assert {it.content_type.split(";")[0] for it in answers} == {"text/plain"}
    assert (site.order(order).state, site.order(order).paid) == ("confirmed", 4900)


def test_what_comes_before_its_order_is_asked_for_again_in_the_providers_own_words(site: Site) -> None:
    elsewhere = Site("flask")
    _, pushed = elsewhere.bought()

    assert {(it.status, it.body) for it in map(site.ask, pushed)} == {(503, b"later")}
    elsewhere.close()


@pytest.mark.parametrize(
    "forge",
    [
        lambda it: evolve(it, body=it.body.replace(b"captured", b"refunded")),
        lambda it: evolve(it, body=it.body.replace(b": ", b":")),
        lambda it: evolve(it, body=it.body + b" "),
        lambda it: evolve(it, body=b""),
        lambda it: evolve(it, body=b"x" * (BODY_LIMIT + 1)),
        lambda it: evolve(it, headers=it.headers[:-1]),
        lambda it: evolve(it, headers=(*it.headers, it.headers[-1])),
        lambda it: evolve(it, headers=()),
        lambda it: evolve(it, gateway="other"),
        lambda it: evolve(it, query="x" * 9_000),
    ],
    ids=["other words", "written anew", "one byte more", "empty", "too large", "unsigned", "signed twice", "bare", "another gateway", "long query"],
)
def test_what_is_not_byte_for_byte_the_providers_is_refused_and_changes_nothing(site: Site, forge: Any) -> None:
    order, pushed = site.bought()
    before = site.order(order)

    assert [site.ask(forge(request)).status for request in pushed] == [400] * len(pushed)
    assert site.order(order) == before


def test_what_was_signed_an_hour_ago_is_refused(site: Site) -> None:
    site.mall.clock.advance(-timedelta(hours=1))
    order, pushed = site.bought()

    assert {site.ask(request).status for request in pushed} == {400}
    assert site.order(order).paid == 0


def test_names_of_headers_come_in_any_case(site: Site) -> None:
    order, pushed = site.bought()

    for request in pushed:
        assert site.ask(evolve(request, headers=tuple((name.upper(), value) for name, value in request.headers))).status == 200
    assert site.order(order).paid == 4900


def test_a_page_is_no_notification(site: Site) -> None:
    assert {site.ask(Request(b"", method=method)).status for method in ("GET", "PUT", "DELETE")} == {405}


def test_eight_threads_that_push_the_same_take_the_money_in_once(site: Site) -> None:
    order, pushed = site.bought()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(site.ask, pushed * 8))

    assert {it.status for it in answers} == {200}
    after = site.order(order)
    assert (after.state, after.paid, after.payments[0].captured) == ("confirmed", 4900, 4900)
    assert [movement.amount for movement in site.mall.provider.charges()] == [Money(4900, "EUR")]


class Wordy(FakeGateway):
    """Its provider wants bytes that are no text, and a status that few use."""

    def parse_notification(self, raw: RawNotification) -> Notification:
        return evolve(super().parse_notification(raw), ok=Ack(202, b'{"code":"\xe6\x88\x90\x00"}\n', "application/json"))


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_the_acknowledgment_goes_out_byte_for_byte(host: str) -> None:
    def wordy(shop: Shop) -> Shop:
        gateway = Wordy(provider=site_provider(shop))
        return Shop(shop.ports.storage, gateways=[gateway], clock=FrozenClock())

    site = Site(host, wrap=wordy)
    _, pushed = site.bought()

    assert site.ask(pushed[0]) == Answer(202, b'{"code":"\xe6\x88\x90\x00"}\n', "application/json")
    site.close()


def site_provider(shop: Shop) -> Any:
    return shop.ports.gateways["fake"].provider


@pytest.mark.parametrize("host", sorted(HOSTS))
@pytest.mark.parametrize("trouble", [StorageUnavailable, StorageBusy, VersionConflict])
def test_a_shop_that_cannot_keep_it_now_wants_it_again(host: str, trouble: type[Exception]) -> None:
    class Broken:
        """A shop whose storage is gone."""

        @property
        def payments(self) -> Any:
            return self

        def receive(self, *_: Any) -> Ack:
            raise trouble("the storage is gone")

    site = Site(host, wrap=lambda _: Broken())
    assert site.ask(Request(b"{}")).status == 503
    site.close()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_is_under_thirty_lines(view: Any) -> None:
    assert len(view.read_text(encoding="utf-8").splitlines()) < 30


def test_there_is_a_view_for_each_framework() -> None:
    assert [view.name for view in VIEWS] == ["django_view.py", "flask_view.py", "starlette_view.py"]
