"""`shopwright simulate gateway`, as somebody at a terminal meets it: what it prints, the page of the buyer, and what it pushes."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from shopwright import Order, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators.face import Simulation
from shopwright.cli import main
from shopwright.cli.buyers_page import buyers_page
from shopwright.cli.pushing import TRIES, Manners, Pusher, where_to
from shopwright.errors import InvalidValue
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.testing import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.checkout.selling import a_pay, an_order, stocked
from tests.checkout.world import GATEWAYS, simulated
from tests.surroundings import peer


@pytest.fixture(params=GATEWAYS)
def simulation(request: pytest.FixtureRequest, clock: FrozenClock) -> Iterator[Simulation]:
    with simulated(request.param, clock) as found:
        yield found


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def shop(simulation: Simulation, clock: FrozenClock) -> Shop:
    return stocked(Shop(MemoryStorage(KINDS), gateways=[simulation.gateway()], clock=clock), simulation.currency)


def waiting(shop: Shop, simulation: Simulation) -> Order:
    order = accepted(shop.orders.place(an_order(simulation)))
    return accepted(shop.payments.pay(a_pay(order)))


def asked(url: str, verb: str = "GET", fields: dict[str, str] | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=5)
    try:
        connection.request(verb, parts.path, body=urlencode(fields or {}), headers={"Content-Type": "application/x-www-form-urlencoded"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


class Till:
    """A shop's web server: hands what is pushed on, and answers as it is told, or as the shop does."""

    def __init__(self, shop: Shop, name: str, clock: FrozenClock) -> None:
        self.shop, self.name, self.clock = shop, name, clock
        self.heard: list[bytes] = []
        self.answers: list[Ack] = []

    def takes(self, headers: Any, body: bytes) -> Ack:
        self.heard.append(body)
        if self.answers:
            return self.answers.pop(0)
        return self.shop.payments.receive(self.name, RawNotification(headers=tuple(headers.items()), body=body, received_at=self.clock.now()))


@contextmanager
def serving(till: Till) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ack = till.takes(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(ack.status)
            self.end_headers()
            self.wfile.write(ack.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/notify?shop=1"
    server.shutdown()
    server.server_close()
    thread.join()


# The page of the buyer.


def test_on_the_page_the_buyer_pays_or_goes_away_once(simulation: Simulation, shop: Shop) -> None:
    order = waiting(shop, simulation)
    reference = order.payments[0].reference
    with buyers_page(simulation) as url:
        status, text = asked(url)
        [word] = set(re.findall(r"name=word value='([^']+)'", text))
        assert (status, reference in text, str(order.total) in text, text.count("<button>")) == (200, True, True, 2)

        button = {"reference": reference, "word": word}
        assert [asked(f"{url}approve", "POST", button)[0] for _ in range(2)] == [303, 409]
        assert asked(f"{url}decline", "POST", button)[0] == 409
        _, text = asked(url)
        assert ("nobody waits to pay" in text, "captured" in text) == (True, True)


def test_no_other_site_can_press_a_button_of_the_page(simulation: Simulation, shop: Shop) -> None:
    reference = waiting(shop, simulation).payments[0].reference
    with buyers_page(simulation) as url:
        assert asked(f"{url}approve", "POST", {"reference": reference})[0] == 403
        assert asked(f"{url}approve", "POST", {"reference": reference, "word": "guess"})[0] == 403
        assert (asked(f"{url}elsewhere", "POST")[0], asked(f"{url}elsewhere")[0]) == (403, 404)
    assert [it.reference for it in simulation.waiting()] == [reference]


# What is pushed.


def test_what_happened_is_pushed_as_often_and_as_late_as_it_is_told_and_the_shop_counts_it_once(
    simulation: Simulation, shop: Shop, clock: FrozenClock
) -> None:
    order, told = waiting(shop, simulation), []
    till = Till(shop, simulation.name, clock)
    with serving(till) as url:
        manners = Manners(times=3, delay=timedelta(seconds=5), shuffled=True)
        pusher = Pusher(simulation, url, manners, clock=clock, tell=told.append)
        simulation.approve(order.payments[0].reference)

        events = len(simulation.pushed())
        assert (pusher.step(), events > 0) == (0, True)
        clock.advance(timedelta(seconds=5))
        assert (pusher.step(), pusher.step(), len(till.heard)) == (3 * events, 0, 3 * events)

    assert accepted(shop.orders.get(order.id)).paid == order.total.minor
    assert Counter(line.partition(":")[0] for line in told) == {f"notification {number}": 3 for number in range(1, events + 1)}
    assert all(re.fullmatch(r"notification \d: 20[04] '.*'", line) for line in told), told


def test_what_is_not_acknowledged_in_the_words_of_the_provider_is_pushed_again_after_twice_as_long_each_time(
    simulation: Simulation, shop: Shop, clock: FrozenClock
) -> None:
    order, told = waiting(shop, simulation), []
    till = Till(shop, simulation.name, clock)
    with serving(till) as url:
        pusher = Pusher(simulation, url, Manners(), clock=clock, tell=told.append)
        simulation.approve(order.payments[0].reference)
        events, pushed = len(simulation.pushed()), []
        till.answers = [Ack(500)] * events + [Ack(302, b"elsewhere")] * events
        for _ in range(8):
            pushed.append(pusher.step())
            clock.advance(timedelta(seconds=1))
    assert pushed == [events, 0, events, 0, 0, 0, events, 0]
    assert accepted(shop.orders.get(order.id)).paid == order.total.minor
    assert [", expected 20" in line for line in told] == [True] * 2 * events + [False] * events


def test_a_shop_that_nobody_reaches_is_given_up_in_the_end(clock: FrozenClock) -> None:
    with simulated("fake", clock) as simulation, socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound and never listening: nobody answers there
        shop = stocked(Shop(MemoryStorage(KINDS), gateways=[simulation.gateway()], clock=clock), simulation.currency)
        order, told = waiting(shop, simulation), []
        pusher = Pusher(simulation, f"http://127.0.0.1:{free.getsockname()[1]}/", Manners(), clock=clock, tell=told.append)
        simulation.approve(order.payments[0].reference)
        for _ in range(TRIES + 2):
            pusher.step()
            clock.advance(timedelta(minutes=5))
    assert len(told) == TRIES + 1
    assert told[-1] == f"notification 1: given up after {TRIES} times"
    assert "no connection" in told[0]


@pytest.mark.parametrize("url", ["", "shop.example/notify", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:0/", "http://127.0.0.1:99999/"])
def test_an_address_that_nothing_can_be_pushed_to_is_told(url: str) -> None:
    with pytest.raises(InvalidValue, match="expected an address such as"):
        where_to(url)


# The command.


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, which is gone afterwards."""
    command = [sys.executable, "-m", "shopwright.cli", "simulate", "gateway", *arguments]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    text = ""
    while word not in text:
        line = process.stdout.readline()
        assert line, f"the command has ended: {text}"
        text += line
    return text


@pytest.mark.parametrize(("name", "signaled"), [("fake", signal.SIGINT), ("alipay", signal.SIGTERM)])
def test_the_command_prints_what_to_paste_serves_the_page_and_ends_when_it_is_stopped(name: str, signaled: signal.Signals, tmp_path: Path) -> None:
    if name != "fake":
        peer("cryptography")
    with running(name, "--notify", "http://127.0.0.1:9/", cwd=tmp_path) as process:
        text = read_until(process, f"{name} = ")
        url = re.search(r"be the buyer on (http://127\.0\.0\.1:\d+/)", text)
        assert url is not None
        assert (asked(url[1])[0], "no money moves" in text, "notifications go to http://127.0.0.1:9/" in text) == (200, True, True)
        process.send_signal(signaled)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")
    assert ("paste this into your shop" in text, out.rstrip().endswith("stopped")) == (True, True)


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["simulate", "gateway", "fake", "--file", str(tmp_path / "f"), "--page-port", port]) == 1
    assert "shopwright: cannot listen there: " in capsys.readouterr().err
    assert main(["simulate", "gateway", "fake", "--file", str(tmp_path / "f"), "--port", "8000"]) == 1
    assert main(["simulate", "gateway", "fake", "--notify", "nowhere"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["paypal"], ["fake", "--port", "x"], ["fake", "--port", "70000"], ["fake", "--times", "0"], ["fake", "--delay", "-1"]],
    ids=" ".join,
)
def test_what_makes_no_sense_is_told_with_what_would(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "gateway", *arguments])
    assert ended.value.code == 2
    assert re.search(r"invalid choice|expected|required", capsys.readouterr().err)


def test_the_help_is_worth_reading(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "gateway", "--help"])
    told = capsys.readouterr().out
    assert [word for word in (*GATEWAYS, "--notify", "--shuffle", "examples:", "no money", "pip install") if word not in told] == []
