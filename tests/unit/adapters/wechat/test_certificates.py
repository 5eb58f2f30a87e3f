"""Platform certificates: looked up when they are wanted, changed while the shop is open, and never looked up for a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.adapters.rsa import new_key
from shopwright.adapters.troubles import Trouble
from shopwright.adapters.wechat import WechatGateway
from shopwright.adapters.wechat.certificates import PAUSE
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, Indeterminate, Misconfigured, NotSent
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import StartPayment
from shopwright.testing import FrozenClock
from tests.unit.adapters.wechat.parts import NOON, OURS, THEIRS, settings

NEXT = new_key()


class Counted(WechatSimulator):
    """A simulator that counts how often its certificates were looked up."""

    looked = 0

    def handled(self, verb, target, body, authorization):
        self.looked += target == "/v3/certificates"
        return super().handled(verb, target, body, authorization)


@contextmanager
def opened() -> Iterator[tuple[Counted, WechatGateway, FrozenClock]]:
    clock = FrozenClock(NOON)
    with Counted.open(clock=clock, keys=(OURS, THEIRS), certificates=True) as simulator:
        yield simulator, WechatGateway(simulator.settings, clock=clock), clock


def order(gateway: WechatGateway, number: int = 1) -> None:
    key = OperationKey(f"order_{number:02d}")
    gateway.start(StartPayment(key=key, amount=Money(100, "CNY"), description="tea", flow=Flow.QR, at=NOON))


def test_certificates_are_looked_up_before_the_first_request_and_then_every_half_day():
    with opened() as (simulator, gateway, clock):
        for number in range(3):
            order(gateway, number)
        assert simulator.looked == 1
        clock.advance(hours=12)
        order(gateway, 3)
        assert simulator.looked == 2


def test_a_request_is_not_sent_while_nobody_could_verify_its_answer():
    with opened() as (simulator, gateway, clock):
        simulator.strike(Trouble.LOST_APPLIED)
        with pytest.raises(NotSent, match="nobody could verify the answer"):
            order(gateway)
        assert simulator.provider.trades == {}
        clock.advance(PAUSE)
        order(gateway)
        assert list(simulator.provider.trades) == ["order_01"]


def test_a_new_certificate_is_learned_from_the_first_answer_that_it_signs():
    with opened() as (simulator, gateway, clock):
        order(gateway)
        clock.advance(PAUSE)
        simulator.rotate(NEXT)
        order(gateway, 2)
        assert simulator.looked == 2
        simulator.signers.reverse()  # while they change, both sign
        order(gateway, 3)
        assert simulator.looked == 2


def test_a_callback_under_a_new_serial_is_refused_once_and_read_after_the_next_request():
    with opened() as (simulator, gateway, clock):
        order(gateway)
        simulator.provider.approve("order_01")
        clock.advance(PAUSE)
        simulator.rotate(NEXT)
        (raw,) = simulator.notifications()
        for _ in range(3):
            with pytest.raises(BadNotification, match="no key of WeChat Pay is known under"):
                gateway.parse_notification(raw)
        assert simulator.looked == 1  # whoever sends made-up serials causes no traffic
        gateway.renew_certificates()
        assert gateway.parse_notification(raw).events[0].reference == "order_01"
        gateway.renew_certificates()
        assert simulator.looked == 2


def test_certificates_that_are_given_verify_before_anything_was_asked():
    with opened() as (simulator, gateway, clock):
        order(gateway)
        simulator.provider.approve("order_01")
        known = WechatGateway(evolve(simulator.settings, certificates=[simulator.signers[0].pem]), clock=clock)
        assert known.parse_notification(simulator.notifications()[0]).events[0].reference == "order_01"
        with pytest.raises(BadNotification, match="known are: none yet"):
            WechatGateway(simulator.settings, clock=clock).parse_notification(simulator.notifications()[0])


def test_an_account_that_moves_to_the_public_key_believes_both():
    with opened() as (simulator, _gateway, clock):
        both = settings(gateway=simulator.address, certificates=(simulator.signers[0].pem,))
        order(WechatGateway(both, clock=clock))
        assert simulator.looked == 0
        simulator.provider.approve("order_01")
        assert WechatGateway(both, clock=clock).parse_notification(simulator.notifications()[0]).events


def test_certificates_that_do_not_open_with_our_key_are_the_wrong_key():
    with opened() as (simulator, _gateway, clock), pytest.raises(Misconfigured, match="check api_v3_key"):
        order(WechatGateway(evolve(simulator.settings, api_v3_key="f" * 32), clock=clock))


def test_a_list_that_another_key_signed_is_not_believed():
    with opened() as (simulator, gateway, _clock):
        listed, simulator.signers = simulator.signers[0], [evolve(simulator.signers[0], key=NEXT)]
        with pytest.raises(NotSent, match="the signature does not fit"):
            order(gateway)
        simulator.signers = [listed]


def test_a_renewal_that_fails_keeps_nobody_from_asking_while_the_old_certificates_are_valid():
    with opened() as (simulator, gateway, clock):
        order(gateway)
        clock.advance(hours=13)
        simulator.strike(Trouble.LOST_NOT_APPLIED)
        order(gateway, 2)
        assert list(simulator.provider.trades) == ["order_01", "order_02"]


def test_an_expired_certificate_verifies_nothing():
    with opened() as (simulator, gateway, clock):
        order(gateway)
        clock.advance(timedelta(days=1_826))
        with pytest.raises(Indeterminate, match="no key of WeChat Pay is known"):
            order(gateway, 2)
        assert simulator.looked == 2


def test_what_is_no_certificate_is_refused_when_the_settings_are_made():
    for other in ({"certificates": ("x",)}, {"certificates": ("",)}, {"public_key_id": None}, {"public_key": None}):
        with pytest.raises(InvalidValue):
            settings(**other)
