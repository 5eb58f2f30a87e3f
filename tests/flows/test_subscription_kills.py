"""A webhook and relays that are killed in the middle of a delivery: every event arrives at least once, in order for each order (SUBS-1, SUBS-2)."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import count as counted
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from shopwright import CancelOrder, Order, Shop, accepted
from shopwright.adapters.loopback import LoopbackServer
from shopwright.adapters.webhook import WebhookOutlet, WebhookSettings, new_secret, verify
from shopwright.flows.subscriptions.commands import Subscribe
from shopwright.ports.outlets import Retries
from shopwright.ports.storage import Storage
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed
from tests.flows.processes import opener as opener_of

SECRET = new_secret()
FORK = multiprocessing.get_context("fork")
BEFORE_DEATH = 7
Opener = Callable[[], Storage]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    return opener_of(request.param, tmp_path, request)


def _receive(log: Path, port: Any, victim: Any) -> None:
    """A receiver that writes down what it is told; then, after a while and before it answers, it dies (victim 0), or the relay does."""
    told = counted(1)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            data = verify(dict(self.headers), body, (SECRET,), at=datetime.now(UTC)).data["data"]
            with log.open("ab", buffering=0) as file:
                file.write(f"{data['key']} {data['number']}\n".encode())
            if next(told) == BEFORE_DEATH and victim.value >= 0:
                os.kill(victim.value or os.getpid(), signal.SIGKILL)
                if not victim.value:
                    return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = LoopbackServer(port.value, Handler)
    port.value = server.server_address[1]
    server.serve_forever()


def _shop(storage: Storage, port: int) -> Shop:
    settings = WebhookSettings(url=f"http://127.0.0.1:{port}/", secrets=(SECRET,), private=frozenset({"127.0.0.1"}))
    return Shop(storage, outlets=[WebhookOutlet("erp", settings)])


def _relay(opener: Opener, port: int, at: datetime) -> None:
    """A relay of its own that never ends by itself; an hour goes by between two of its runs."""
    shop = _shop(opener(), port)
    while True:
        shop.events.tell("erp", at=at, limit=10)
        at += timedelta(hours=1)


def _started(target: Callable[..., None], *facts: Any) -> BaseProcess:
    process = FORK.Process(target=target, args=facts, daemon=True)
    process.start()
    return process


def _end(*processes: BaseProcess) -> None:
    for process in processes:
        process.kill()
        process.join()


def _listening(log: Path, port: Any, victim: Any) -> BaseProcess:
    """A receiver that answers by now."""
    known, port.value = port.value, port.value
    receiver = _started(_receive, log, port, victim)
    while known == 0 and port.value == 0 and receiver.is_alive():
        receiver.join(0.01)
    return receiver


@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.full)])
def test_every_event_arrives_at_least_once_and_in_order_whoever_is_killed_in_mid_delivery(opener: Opener, kills: int, tmp_path: Path) -> None:
    storage = opener()
    orders = _sold(storage, 20 + 4 * kills)
    log, port, victim = tmp_path / "told.log", FORK.Value("i", 0), FORK.Value("i", 0)
    at = START + timedelta(days=1)
    for kill in range(kills):
        victim.value = 0
        receiver = _listening(log, port, victim)
        relay = _started(_relay, opener, port.value, at)
        if kill % 2:
            victim.value = relay.pid
        assert wait([receiver.sentinel, relay.sentinel], timeout=60), "nobody was killed"
        _end(receiver, relay)
        at += timedelta(days=2)

    victim.value = -1
    receiver = _listening(log, port, victim)
    shop = _shop(storage, port.value)
    for _ in range(100):
        shop.events.tell("erp", at=at, limit=1_000)
        at += timedelta(hours=12)
    _end(receiver)
    arrived = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    for order in orders:
        numbers = [int(number) for key, number in arrived if key == order.id]
        assert list(dict.fromkeys(numbers)) == [each.number for each in shop.orders.history(order.id)]
    assert len(arrived) > sum(len(shop.orders.history(order.id)) for order in orders), "nobody was killed in mid-delivery"
    assert shop.events.waiting("erp").items == ()
    storage.close()


def _sold(storage: Storage, count: int) -> list[Order]:
    """Orders of which each has a few events."""
    mall = Mall(storage)
    accepted(_shop(storage, 1).events.subscribe(Subscribe(key="s", by=CLERK, name="erp", outlet="erp", since=START, retries=Retries(tries=100))))
    orders = []
    for number in range(count):
        order = placed(mall.shop, an_order(key=f"o{number}"))
        orders.append(accepted(mall.shop.orders.cancel(CancelOrder(key=f"c{number}", by=ANN, order_id=order.id))))
    return orders
