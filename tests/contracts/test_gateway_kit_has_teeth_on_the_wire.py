"""A gateway that believes a bad wire fails the kit: each of these breaks one promise about wires, and one check says so."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve

from shopwright.adapters.alipay.simulator import AlipaySimulator
from shopwright.payments.errors import GatewayError, Indeterminate, NotSent, Throttled
from shopwright.testing import FrozenClock, GatewayContract
from shopwright.testing.gateway_contract.wire import Fault, Wire
from tests.contracts.test_alipay import KEYS, AlipayStage


@pytest.fixture
def stage() -> Iterator[AlipayStage]:
    clock = FrozenClock()
    with AlipaySimulator.open(clock=clock, keys=KEYS) as simulator:
        yield AlipayStage(simulator, clock)


class Changed:
    """A gateway whose method was replaced."""

    def __init__(self, gateway: Any, **methods: Callable[..., Any]) -> None:
        self._gateway = gateway
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)


def trusts_everybody(stage: AlipayStage, wire: Wire) -> Any:
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    return AlipayStage.through(stage, evolve(wire, trust=wire.trust and anybody))


def tries_again_and_again(stage: AlipayStage, wire: Wire) -> Any:
    gateway = AlipayStage.through(stage, wire)

    def start(request: Any) -> Any:
        for _ in range(4):
            try:
                return gateway.start(request)
            except Indeterminate as error:
                lost = error
        raise lost

    return Changed(gateway, start=start)


def calls_silence_not_sent(stage: AlipayStage, wire: Wire) -> Any:
    gateway = AlipayStage.through(stage, wire)

    def start(request: Any) -> Any:
        try:
            return gateway.start(request)
        except Indeterminate as error:
            raise NotSent(str(error)) from error

    return Changed(gateway, start=start)


def believes_what_it_last_heard(stage: AlipayStage, wire: Wire) -> Any:
    return Changed(AlipayStage.through(stage, wire), query=stage.gateway.query)


def never_minds_how_much_is_asked(stage: AlipayStage, wire: Wire) -> Any:
    gateway = AlipayStage.through(stage, wire)

    def start(request: Any) -> Any:
        try:
            return gateway.start(request)
        except Throttled as error:
            raise Indeterminate(str(error)) from error

    return Changed(gateway, start=start)


def waits_for_ever(stage: AlipayStage, wire: Wire) -> Any:
    """Each byte is a sign of life to it."""
    gateway = AlipayStage.through(stage, wire)

    def query(*, reference: str) -> Any:
        with socket.create_connection((wire.host, wire.port)) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while connection.recv(100):
                pass
        raise Indeterminate(f"nothing was said of {reference}")

    return Changed(gateway, query=query)


def asks_nobody_for_a_signature(stage: AlipayStage, wire: Wire) -> Any:
    gateway = AlipayStage.through(stage, wire)

    def query(*, reference: str) -> Any:
        try:
            return gateway.query(reference=reference)
        except Indeterminate:
            return stage.gateway.query(reference=reference)

    return Changed(gateway, query=query)


def trusts_nobody(stage: AlipayStage, wire: Wire) -> Any:
    return AlipayStage.through(stage, evolve(wire, trust=wire.trust and ssl.create_default_context()))


def tells_amounts_as_numbers(stage: AlipayStage, wire: Wire) -> Any:
    return _sends_besides(stage, wire, lambda request: json.dumps({"total_amount": request.amount.minor / 100}))


def tells_its_secret(stage: AlipayStage, wire: Wire) -> Any:
    found = _sends_besides(stage, wire, lambda _request: stage.secrets[0])
    found.scrub = str
    return found


def _sends_besides(stage: AlipayStage, wire: Wire, told: Callable[[Any], str]) -> Changed:
    """A gateway that sends a form of its own beside each start."""
    gateway = AlipayStage.through(stage, wire)

    def start(request: Any) -> Any:
        body = urlencode({"method": "trade.pay", "biz_content": told(request)}, quote_via=quote, safe="\n /+=-")
        connection = HTTPConnection(wire.host, wire.port, timeout=10)
        connection.request("POST", "/gateway.do", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()
        connection.close()
        return gateway.start(request)

    return Changed(gateway, start=start)


kit = GatewayContract


ON_THE_WIRE = [
    (trusts_everybody, kit.test_nobody_with_a_wrong_certificate_is_told_anything, {"fault": Fault.UNTRUSTED}, "GATEWAY-15"),
    (trusts_everybody, kit.test_nobody_with_a_wrong_certificate_is_told_anything, {"fault": Fault.WRONG_HOST}, "GATEWAY-15"),
    (tries_again_and_again, kit.test_a_request_whose_end_nobody_knows_is_not_sent_again_and_again, {"fault": Fault.RESET}, "GATEWAY-9"),
    (
        calls_silence_not_sent,
        kit.test_an_answer_that_is_lost_or_spoiled_is_indeterminate_and_a_repeat_moves_money_once,
        {"fault": Fault.SILENCE, "applied": True},
        "GATEWAY-8",
    ),
    (believes_what_it_last_heard, kit.test_a_spoiled_answer_to_a_query_is_never_done, {"fault": Fault.TRUNCATED}, "GATEWAY-8"),
    (
        never_minds_how_much_is_asked,
        kit.test_a_request_that_is_turned_away_as_one_too_many_is_throttled_and_says_how_long_to_wait,
        {},
        "GATEWAY-8",
    ),
    (asks_nobody_for_a_signature, kit.test_an_answer_that_was_changed_on_its_way_is_never_done, {}, "GATEWAY-8"),
    (trusts_nobody, kit.test_a_provider_with_the_right_certificate_is_believed, {}, "GATEWAY-15"),
    (tells_amounts_as_numbers, kit.test_no_amount_is_a_floating_point_number_on_the_wire, {"parts": 7}, "GATEWAY-3"),
    (tells_its_secret, kit.test_a_recorded_request_that_was_scrubbed_shows_no_secret, {}, "GATEWAY-15"),
    (waits_for_ever, kit.test_an_answer_that_trickles_is_given_up_before_it_ends, {"encrypted": False}, "GATEWAY-9"),
    (believes_what_it_last_heard, kit.test_a_request_that_never_left_is_not_sent, {"fault": Fault.REFUSED}, "GATEWAY-8"),
]


@pytest.mark.parametrize(
    ("broken", "check", "facts", "promise"),
    ON_THE_WIRE,
    ids=lambda value: getattr(value, "__name__", "") or (value if isinstance(value, str) else ""),
)
def test_a_gateway_that_believes_a_bad_wire_breaks_the_promise_that_it_breaks(
    stage: AlipayStage, broken: Callable[..., Any], check: Callable[..., None], facts: dict[str, Any], promise: str
):
    stage.through = lambda wire: broken(stage, wire)
    with pytest.raises((AssertionError, pytest.fail.Exception, GatewayError)) as caught:
        check(kit(), stage=stage, **facts)
    assert [note.partition(" ")[0] for note in caught.value.__notes__] == [promise]
