"""Payments that are shared among the sellers of a platform: transfers to the cent, once, and taken back with refunds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.adapters.stripe import StripeGateway, sharing
from shopwright.adapters.stripe.client import Ask
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.adapters.stripe.sharing import Transfer
from shopwright.adapters.stripe.simulator import StripeSimulator
from shopwright.adapters.troubles import Trouble
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import GatewayKeyConflict, Indeterminate, InvalidRequest, InvalidState, Unsupported
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.requests import RefundPart, Split
from shopwright.testing import FrozenClock
from tests.unit.adapters.stripe.parts import a_start, settings

SELLERS = (("tea", "acct_tea"), ("cups", "acct_cups"))
SHARE = OperationKey("order_1_share")


class Platform:
    """A gateway of a platform, and what its sellers have."""

    def __init__(self, simulator: StripeSimulator) -> None:
        self.simulator, self.provider = simulator, simulator.provider
        self.gateway = StripeGateway(simulator.settings, clock=simulator.provider.clock)

    def paid(self, **other: object) -> str:
        """A payment of 12.30 EUR that was taken."""
        found = self.gateway.start(a_start(**other))
        assert isinstance(found, Done)
        return found.reference

    def refund(self, payment: str, minor: int, key: str) -> object:
        part = RefundPart(key=OperationKey(key), payment=payment, amount=Money(minor, "EUR"), of_total=Money(1230, "EUR"))
        return self.gateway.refund(part)

    def kept(self) -> list[tuple[str, int, int]]:
        """Who got how much, and how much of it came back."""
        return [(each.destination, each.amount, each.back) for each in self.provider.transfers]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with StripeSimulator.open(clock=FrozenClock(), sellers=SELLERS) as simulator:
        yield Platform(simulator)


def parts(*shares: tuple[str, int]) -> tuple[Split, ...]:
    return tuple(Split(receiver=name, amount=Money(minor, "EUR")) for name, minor in shares)


BOTH = parts(("tea", 700), ("acct_cups", 430))


def test_each_seller_gets_a_transfer_from_the_charge_and_the_platform_keeps_its_fee(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    assert platform.kept() == [("acct_tea", 700, 0), ("acct_cups", 430, 0)]
    lines = [(line.kind, line.amount) for line in platform.provider.bookings]
    assert lines == [("charge", 1230), ("transfer", -700), ("transfer", -430)]


def test_a_full_refund_in_parts_takes_back_every_cent_of_every_transfer(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    platform.refund(payment, 410, "back_1")
    assert platform.kept() == [("acct_tea", 700, 233), ("acct_cups", 430, 143)]
    platform.refund(payment, 410, "back_2")
    platform.refund(payment, 410, "back_3")
    assert platform.kept() == [("acct_tea", 700, 700), ("acct_cups", 430, 430)]


def test_a_refund_that_is_sent_or_looked_at_again_takes_nothing_back_twice(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    first = platform.refund(payment, 615, "back_1")
    assert platform.refund(payment, 615, "back_1") == first == platform.gateway.query_refund(payment, OperationKey("back_1"))
    assert platform.kept() == [("acct_tea", 700, 350), ("acct_cups", 430, 215)]


def test_what_is_shared_after_a_refund_answers_only_for_later_refunds(platform):
    payment = platform.paid()
    platform.refund(payment, 230, "back_1")
    platform.gateway.split(SHARE, payment, parts(("tea", 1000)), finish=True)
    platform.gateway.query_refund(payment, OperationKey("back_1"))
    assert platform.kept() == [("acct_tea", 1000, 0)]
    platform.refund(payment, 500, "back_2")
    assert platform.kept() == [("acct_tea", 1000, 500)]


def test_no_more_is_shared_than_refunds_left_and_nothing_is_sent_then(platform):
    payment = platform.paid()
    platform.refund(payment, 230, "back_1")
    with pytest.raises(InvalidState, match="at most 1000"):
        platform.gateway.split(SHARE, payment, parts(("tea", 600), ("cups", 401)), finish=False)
    assert platform.kept() == []


def test_nothing_more_is_shared_of_what_was_left_with_the_platform(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, parts(("tea", 100)), finish=True)
    with pytest.raises(InvalidState, match="left with the platform"):
        platform.gateway.split(OperationKey("order_1_more"), payment, parts(("tea", 1)), finish=False)


def test_a_key_that_shared_other_parts_is_refused(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, BOTH, finish=False)
    for other in (parts(("tea", 701), ("cups", 430)), parts(("cups", 700), ("cups", 430)), BOTH[:1]):
        with pytest.raises(GatewayKeyConflict):
            platform.gateway.split(SHARE, payment, other, finish=False)
    assert platform.kept() == [("acct_tea", 700, 0), ("acct_cups", 430, 0)]


def test_a_repeat_sends_the_parts_that_are_missing(platform):
    payment = platform.paid()
    platform.provider.strangers.add("acct_cups")
    with pytest.raises(Indeterminate, match="1 of 2 parts were sent") as caught:
        platform.gateway.split(SHARE, payment, BOTH, finish=True)
    assert caught.value.raw_code == "shared_in_part"
    platform.provider.strangers.clear()
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    assert platform.kept() == [("acct_tea", 700, 0), ("acct_cups", 430, 0)]


def test_a_receiver_that_stripe_or_the_shop_does_not_know_is_refused_before_anything_is_sent(platform):
    payment = platform.paid()
    platform.provider.strangers.add("acct_cups")
    for shares in (parts(("tea", 1), ("nobody", 1)), parts(("acct_cups", 1), ("tea", 1))):
        with pytest.raises(InvalidRequest):
            platform.gateway.split(SHARE, payment, shares, finish=True)
    assert platform.kept() == []


def test_only_what_was_taken_is_shared_and_only_in_its_currency(platform):
    held = platform.paid(capture=False)
    with pytest.raises(InvalidState):
        platform.gateway.split(SHARE, held, BOTH, finish=True)
    with pytest.raises(InvalidRequest, match="in EUR"):
        platform.gateway.split(SHARE, held, (Split(receiver="tea", amount=Money(1, "USD")),), finish=True)


def test_money_that_a_seller_cannot_give_back_leaves_the_refund_unanswered_until_it_can(platform):
    payment = platform.paid()
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    platform.provider.poor.add("acct_cups")
    with pytest.raises(Indeterminate, match=r"cannot be taken back: 430 of transfer .* from acct_cups"):
        platform.refund(payment, 1230, "back_1")
    assert platform.kept() == [("acct_tea", 700, 700), ("acct_cups", 430, 0)]
    platform.provider.poor.clear()
    assert isinstance(platform.gateway.query_refund(payment, OperationKey("back_1")), Done)
    assert platform.kept() == [("acct_tea", 700, 700), ("acct_cups", 430, 430)]


@pytest.mark.parametrize("trouble", [Trouble.LOST_APPLIED, Trouble.LOST_NOT_APPLIED])
def test_a_share_whose_answer_was_lost_is_sent_once_by_its_repeat(platform, trouble):
    payment = platform.paid()
    intent = platform.gateway.client.told(sharing.finish(OperationKey("order_1_look"), payment))
    assert intent["id"] == payment
    client, lost = platform.gateway.client, sharing.share(SHARE, 1, BOTH[0], account="acct_tea", charge=intent["latest_charge"], before=0)
    platform.simulator.strike(trouble)
    with pytest.raises(Indeterminate):
        client.told(lost)
    platform.provider.intents[payment].metadata.pop(sharing.FINISHED)
    platform.gateway.split(SHARE, payment, BOTH, finish=True)
    assert platform.kept() == [("acct_tea", 700, 0), ("acct_cups", 430, 0)]


def test_an_account_that_is_no_platform_shares_nothing_and_asks_for_no_transfers(platform):
    alone = StripeGateway(evolve(platform.simulator.settings, shares=False), clock=platform.provider.clock)
    with pytest.raises(Unsupported):
        alone.split(SHARE, platform.paid(), BOTH, finish=True)


def test_what_goes_over_the_wire_names_charge_seller_key_and_part():
    told = sharing.share(SHARE, 2, BOTH[1], account="acct_cups", charge="ch_1", before=5)
    notes = {"shopwright_key": "order_1_share", "shopwright_part": "2", "shopwright_before": "5"}
    params = {"amount": 430, "currency": "eur", "destination": "acct_cups", "source_transaction": "ch_1", "metadata": notes}
    assert told == Ask("transfers.create", (), params, "order_1_share_part_2")
    back = sharing.reverse(Transfer("tr_1", "acct_cups", 430, 30, 0, "k", 2), 100)
    assert back == Ask("transfers.reversals.create", ("tr_1",), {"amount": 100}, "tr_1_back_30")


def test_settings_name_each_seller_once_by_an_account_and_only_for_the_platform_itself():
    for wrong in ({"sellers": (("tea", "tea"),)}, {"sellers": (SELLERS[0], SELLERS[0])}, {"sellers": "tea"}, {"shares": True, "account": "acct_1"}):
        with pytest.raises(InvalidValue):
            settings(**wrong)
    assert [StripeSettings(api_key="sk_test_x1", sellers=SELLERS).seller(name) for name in ("tea", "acct_9", "x")] == ["acct_tea", "acct_9", None]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=6), st.data())
def test_refunds_in_any_parts_take_back_all_in_the_end_and_never_more_than_was_sent(refunds, data):
    captured, gone = sum(refunds), 0
    transfer = Transfer("tr_1", "acct_1", data.draw(st.integers(1, captured)), 0, 0, "k", 1)
    for refund in refunds:
        gone += refund
        more = sharing.taken_back(transfer, Totals.of("EUR", captured=captured, refunded=gone))
        transfer = evolve(transfer, back=transfer.back + more)
        assert transfer.back == transfer.amount * gone // captured
    assert transfer.back == transfer.amount


def test_transfers_stand_in_the_group_that_the_payment_was_begun_with_or_in_the_one_that_stripe_gives(platform: Platform) -> None:
    reference = platform.paid()
    intent = platform.provider.intents[reference]
    assert intent.group == "order_1_1"
    platform.gateway.split(SHARE, reference, parts(("tea", 700)), finish=False)
    assert [row["id"] for row in platform.provider.sent("order_1_1")] == [platform.provider.transfers[0].id]

    intent.group = None  # begun before the account was a platform
    assert platform.provider.sent(f"group_{reference}")
    assert platform.gateway.split(SHARE, reference, parts(("tea", 700)), finish=False)
    assert len(platform.provider.transfers) == 1
