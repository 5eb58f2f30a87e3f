"""The Stripe gateway at fakes of Stripe that others wrote: as much of the kit as each of them can play, and what one alone can show.

What a fake gets wrong is set to `None` with the reason. A dialect turns a request into what the fake knows, and fills in what its answers leave out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from attrs import evolve

from shopwright.adapters.stripe import StripeGateway, StripeSettings, ledgers
from shopwright.adapters.stripe.client import Answer, Ask, StripeClient
from shopwright.adapters.stripe.notices import verify
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, InvalidState
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.outcomes import ActionRequired, ClientSdk, Declined, DeclineReason, InProgress, Outcome, Redirect
from shopwright.payments.requests import StartPayment
from shopwright.testing import FrozenClock, GatewayStage, Moved
from shopwright.testing.gateway_contract.lives import Lives
from shopwright.testing.gateway_contract.pushes import Pushes
from shopwright.testing.gateway_contract.refunds import Declines, Refunds
from shopwright.testing.gateway_contract.stage import a_key, a_refund, a_start, an_amount, authorized, cannot_stage, captured, done
from tests.peers import stripe as peers
from tests.peers.running import Ear

pytestmark = pytest.mark.full

SECRET = "whsec_of_a_test"
NARROW = {"honors_keys": False, "queries_by_key": False, "challenges": False, "auth_ttl": None, "recalls_actions": True}
"""What no fake does: it forgets keys, has no search, and its time is that of the machine."""


class PeerStage:
    """What the stages of both have in common: the time of the gateway is frozen, that of the fake is not."""

    signature_headers = ("Stripe-Signature",)
    gateway: StripeGateway
    clock: FrozenClock
    secrets: tuple[str, ...]

    def again(self) -> StripeGateway:
        return self.gateway

    def stranger(self) -> StripeGateway:
        return StripeGateway(evolve(self.gateway.settings, account="acct_2"), clock=self.clock)

    def strike(self, trouble: object) -> None:
        cannot_stage(f"trouble: {trouble}")


# localstripe

UNKNOWN = {"description", "expand", "return_url", "payment_method_options"}
FAILS = "pm_card_chargeCustomerFail"
PROOF = "4000002500003155"
BOUNCES = "DE62370400440532013001"


class LocalstripeDialect(StripeClient):
    """Leaves out parameters that localstripe refuses, and tells the sums that it leaves to its charges."""

    def _once(self, ask: Ask) -> Answer | Declined:
        params = {name: value for name, value in ask.params.items() if name not in UNKNOWN}
        if ask.call == "payment_intents.capture":
            params.pop("metadata", None)
        if ask.call.startswith("payment_intents."):
            params["expand"] = ["latest_charge"]
        answer = super()._once(evolve(ask, params=params))
        if isinstance(answer, Declined) or answer.get("object") != "payment_intent":
            return answer
        return self._filled(answer)

    def _filled(self, answer: Answer) -> Answer:
        charge = answer.get("latest_charge")
        if not isinstance(charge, dict):
            return {**answer, "amount_received": 0, "amount_capturable": 0}
        back = charge["refunds"]["data"]
        released = sum(each["amount"] for each in back if each["payment_intent"] is None)
        taken = answer["amount"] - released if charge["captured"] and charge["status"] == "succeeded" else 0
        left = answer["amount"] if answer["status"] == "requires_capture" else 0
        return {**answer, "amount_received": taken, "amount_capturable": left}


class LocalstripeStage(PeerStage):
    """A gateway at a localstripe where nothing has happened yet."""

    def __init__(self, address: str) -> None:
        self.address, self.clock = address, FrozenClock()
        peers.asked("DELETE", f"{address}/_config/data")
        settings = StripeSettings(api_key="sk_test_12345", webhook_secrets=SECRET, api=address, searches=False)
        self.secrets = settings.secrets
        self.gateway = StripeGateway(settings, clock=self.clock, client=LocalstripeDialect(settings))
        able = evolve(self.gateway.capabilities, flows={Flow.TOKEN}, refund_is_async=False, **NARROW)
        self.gateway.capabilities = able

    def source(self, case: str) -> str:
        match case:
            case "ok":
                return "pm_card_visa"
            case DeclineReason.GENERIC:
                return FAILS
            case _:
                cannot_stage(case)
                raise AssertionError

    def method(self, kind: str, **details: str) -> str:
        """A payment method that its own form would have made."""
        form = urlencode([("type", kind), *((f"{kind}[{name}]", value) for name, value in details.items())])
        return peers.asked("POST", f"{self.address}/v1/payment_methods", form=form)["id"]

    def card(self, number: str) -> str:
        return self.method("card", number=number, exp_month="12", exp_year="2034", cvc="123")

    def buyer_pays(self, reference: str) -> None:
        intent = peers.asked("GET", f"{self.address}/v1/payment_intents/{reference}")
        if intent["status"] == "requires_action":
            form = urlencode({"key": "pk_x", "client_secret": intent["client_secret"], "success": "true"})
            peers.asked("POST", f"{self.address}/v1/payment_intents/{reference}/_authenticate", form=form)

    def ripen(self) -> None:
        time.sleep(0.7)  # a debit of localstripe takes half a second

    def moved(self) -> Sequence[Moved]:
        found = []
        for intent in peers.asked("GET", f"{self.address}/v1/payment_intents?limit=100&expand[]=data.latest_charge")["data"]:
            charge = intent["latest_charge"]
            if not isinstance(charge, dict) or charge["status"] != "succeeded":
                continue
            rows = [(each["payment_intent"], each["amount"]) for each in charge["refunds"]["data"]]
            released = sum(amount for payment, amount in rows if payment is None)
            kind = EventKind.VOIDED if intent["status"] == "canceled" else EventKind.CAPTURED if charge["captured"] else EventKind.AUTHORIZED
            found.append(Moved(kind, intent["id"], Money(intent["amount"] - released, intent["currency"].upper())))
            found += [Moved(EventKind.REFUNDED, intent["id"], Money(amount, intent["currency"].upper())) for payment, amount in rows if payment]
        return found


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    with peers.localstripe() as address:
        yield address


class TestLocalstripe(Lives, Refunds, Declines):
    @pytest.fixture
    def stage(self, localstripe: str) -> GatewayStage:
        return LocalstripeStage(localstripe)

    # localstripe takes what was given up already
    test_a_void_releases_an_authorization_for_good = None
    # localstripe gives back more than was there, again and again, and what was only held
    test_a_refund_gives_everything_back_once = None
    test_partial_refunds_sum_to_the_total_and_no_further = None
    test_more_than_was_captured_is_not_refunded = None
    test_money_that_was_not_taken_is_not_refunded = None


def test_an_authorization_that_is_given_up_at_localstripe_is_voided_whole(localstripe):
    stage = LocalstripeStage(localstripe)
    held = authorized(stage)
    released = done(stage.gateway.void(a_key(), held.reference))
    assert released.totals == evolve(held.totals, voided=held.totals.authorized)
    assert done(stage.gateway.void(a_key(), held.reference)).totals == released.totals


def test_localstripe_asks_for_a_proof_and_moves_nothing_before_it(localstripe):
    stage = LocalstripeStage(localstripe)
    started = stage.gateway.start(evolve(a_start(stage), source_token=stage.card(PROOF)))
    assert isinstance(started, ActionRequired)
    assert isinstance(started.action, ClientSdk)
    assert stage.gateway.query(reference=started.reference) == started
    assert list(stage.moved()) == []
    stage.buyer_pays(started.reference)
    assert done(stage.gateway.query(reference=started.reference)).totals.captured == an_amount(stage)


def test_a_debit_that_bounces_at_localstripe_is_declined_in_the_end(localstripe):
    stage = LocalstripeStage(localstripe)
    started = stage.gateway.start(evolve(a_start(stage), source_token=stage.method("sepa_debit", iban=BOUNCES)))
    assert isinstance(started, InProgress)
    stage.ripen()
    ended = stage.gateway.query(reference=started.reference)
    assert isinstance(ended, Declined)
    assert (ended.reason, ended.raw_code) == (DeclineReason.GENERIC, "card_declined")


def test_refunds_in_parts_at_localstripe_are_counted_and_found_by_their_keys(localstripe):
    stage = LocalstripeStage(localstripe)
    paid, part = captured(stage), an_amount(stage, 2)
    first, second = a_refund(paid, part), a_refund(paid, part * 2)
    assert done(stage.gateway.refund(first)).totals.refunded == part
    assert done(stage.gateway.refund(second)).totals.refunded == paid.totals.captured
    assert done(stage.gateway.query_refund(paid.reference, first.key)).totals.refunded == paid.totals.captured


def test_the_release_of_a_partial_capture_looks_like_a_refund_at_localstripe_and_is_none(localstripe):
    stage = LocalstripeStage(localstripe)
    held, part = authorized(stage), an_amount(stage, 2)
    taken = done(stage.gateway.capture(a_key(), held.reference, part))
    assert (taken.totals.refunded.minor, taken.totals.voided) == (0, held.totals.authorized - part)
    done(stage.gateway.refund(a_refund(taken, an_amount(stage, 1))))
    assert done(stage.gateway.query(reference=held.reference)).totals.refunded == an_amount(stage, 1)


def test_events_that_localstripe_signs_are_read(localstripe):
    stage = LocalstripeStage(localstripe)
    with Ear.open() as ear:
        peers.asked("POST", f"{localstripe}/_config/webhooks/ours", data={"url": ear.address, "secret": SECRET})
        paid = captured(stage)
        assert isinstance(stage.gateway.start(evolve(a_start(stage), source_token=FAILS)), Declined)
        told = [ear.wait_for("payment_intent.payment_failed"), ear.wait_for(paid.reference)]
    for raw in told:
        verify(raw.header("Stripe-Signature"), raw.body, stage.gateway.settings, at=raw.received_at)
        with pytest.raises(BadNotification):
            verify(raw.header("Stripe-Signature"), raw.body + b" ", stage.gateway.settings, at=raw.received_at)
    assert stage.gateway.parse_notification(told[0]).events[0].kind is EventKind.FAILED
    with pytest.raises(BadNotification, match="is not an event of Stripe"):  # it leaves out how much was received, and nothing is guessed
        stage.gateway.parse_notification(told[1])


def test_the_balance_of_localstripe_is_read_as_a_ledger(localstripe):
    stage = LocalstripeStage(localstripe)
    paid = captured(stage)
    stage.gateway.refund(a_refund(paid, an_amount(stage, 1)))
    rows = [ledgers.line(each) for each in peers.asked("GET", f"{localstripe}/v1/balance_transactions?limit=100")["data"]]
    assert sorted((row.kind, row.gross.minor, row.fee.minor) for row in rows) == [
        ("charge", paid.totals.captured.minor, 0),
        ("refund", -an_amount(stage, 1).minor, 0),
    ]


# The simulator of getpaid

PAGES = {"ok": "pay", "slow": "pay_delayed"}


class GetpaidDialect(StripeClient):
    """Remembers addresses of pages that getpaid tells once, knows refunds by the events that tell of them, and fills in charges."""

    def __init__(self, settings: StripeSettings, ear: Ear) -> None:
        super().__init__(settings)
        object.__setattr__(self, "pages", {})
        object.__setattr__(self, "ear", ear)

    def _once(self, ask: Ask) -> Answer | Declined:
        if ask.call == "refunds.list":
            return {"object": "list", "data": self._refunds(ask.params["payment_intent"])}
        answer = super()._once(ask)
        if isinstance(answer, Declined):
            return answer
        if answer["object"] == "checkout.session":
            self.pages.setdefault(answer["id"], answer.get("url"))
            return {**answer, "url": self.pages[answer["id"]]}
        return self._filled(answer) if answer["object"] == "payment_intent" else answer

    def _filled(self, answer: Answer) -> Answer:
        if answer["status"] not in {"succeeded", "requires_capture", "canceled"}:
            return answer
        back = sum(each["amount"] for each in self._refunds(answer["id"]) if each["status"] != "failed")
        return {**answer, "latest_charge": {"id": "ch_1", "status": "succeeded", "amount_refunded": back}}

    def _refunds(self, intent: str) -> list[Answer]:
        """The refunds of a payment as the latest event of each tells them."""
        told = [json.loads(raw.body)["data"]["object"] for raw in self.ear.heard]
        latest = {each["id"]: each for each in told if each["object"] == "refund" and each["payment_intent"] == intent}
        return [{**each, "created": 1} for each in reversed(latest.values())]


class WatchedStripe(StripeGateway):
    """A gateway that remembers which page a payment waits on, and how its buyer will behave there."""

    def start(self, request: StartPayment) -> Outcome:
        outcome = super().start(request)
        if isinstance(outcome, ActionRequired) and isinstance(outcome.action, Redirect):
            self.waiting[outcome.reference] = (outcome.action.url, request.source_token)
        return outcome


class GetpaidStage(PeerStage):
    """A gateway at a simulator of getpaid that others have used before; so it counts only what moved since."""

    def __init__(self, address: str, ear: Ear) -> None:
        self.address, self.ear, self.clock = address, ear, FrozenClock()
        ear.heard.clear()
        settings = StripeSettings(api_key=peers.GETPAID_KEY, webhook_secrets=peers.GETPAID_SECRET, api=address, searches=False)
        self.secrets = settings.secrets
        self.gateway = WatchedStripe(settings, clock=self.clock, client=GetpaidDialect(settings, ear))
        self.gateway.waiting = self.waiting = {}
        self.gateway.capabilities = evolve(
            self.gateway.capabilities, flows={Flow.REDIRECT}, operations=ALL_BUT_LEDGER, refund_is_async=False, **NARROW
        )

    def source(self, case: str) -> str:
        if case not in PAGES:
            cannot_stage(case)
        return case

    def buyer_pays(self, reference: str) -> None:
        url, case = self.waiting[reference]
        self._on_page(url, PAGES[case])

    def _on_page(self, url: str, action: str) -> None:
        with suppress(HTTPError):  # the page sends its buyer back to the shop, or says that it is over
            peers.asked("POST", url, form=f"action={action}")

    def operate(self, reference: str, action: str, **more: str) -> None:
        """What nobody does by hand: time passes, banks change their minds."""
        order = reference.removeprefix("pi_sim_").removeprefix("cs_sim_")
        peers.asked("POST", f"{self.address}/sim/stripe/ops/{order}", data={"action": action, **more})

    def ripen(self) -> None:
        told = self.told()
        for about in told:
            if about["object"] == "payment_intent" and about["status"] == "processing" and not self._is_settled(about["id"]):
                self.operate(about["id"], "settle_delayed")

    def _is_settled(self, intent: str) -> bool:
        return any(each["id"] == intent and each.get("status") == "succeeded" for each in self.told())

    def told(self) -> list[Answer]:
        return [json.loads(raw.body)["data"]["object"] for raw in self.ear.heard]

    def pushed(self) -> Sequence[RawNotification]:
        return list(self.ear.heard)

    def noise(self) -> RawNotification:
        captured(self)
        return next(raw for raw in self.ear.heard if b'"type":"charge.succeeded"' in raw.body)

    def moved(self) -> Sequence[Moved]:
        found = []
        for raw in self.ear.heard:
            event = json.loads(raw.body)
            about, kind = event["data"]["object"], MOVES.get(event["type"])
            if kind is not None and (kind is not EventKind.REFUNDED or about["status"] == "succeeded"):
                amount = about["amount_received"] if kind is EventKind.CAPTURED else about["amount"]
                found.append(Moved(kind, about.get("payment_intent") or about["id"], Money(amount, about["currency"].upper())))
        return found


MOVES = {
    "payment_intent.succeeded": EventKind.CAPTURED,
    "payment_intent.amount_capturable_updated": EventKind.AUTHORIZED,
    "payment_intent.canceled": EventKind.VOIDED,
    "refund.updated": EventKind.REFUNDED,
    "refund.failed": EventKind.REFUND_FAILED,
}
ALL_BUT_LEDGER = frozenset(Operation) - {Operation.LEDGER, Operation.SPLIT}


@pytest.fixture(scope="module")
def getpaid() -> Iterator[tuple[str, Ear]]:
    with Ear.open() as ear, peers.getpaid(ear.address) as address:
        yield address, ear


class TestGetpaid(Lives, Refunds, Declines, Pushes):
    @pytest.fixture
    def stage(self, getpaid: tuple[str, Ear]) -> GatewayStage:
        return GetpaidStage(*getpaid)

    # its time is that of the machine, and its pages end by an operation (below)
    test_a_buyer_who_comes_too_late_pays_nothing = None
    # on a page the reference is that of the page until it is paid (below)
    test_a_genuine_notification_names_its_payment_by_reference_and_key = None
    # no exchange of getpaid can be made to fail
    test_an_event_that_overtakes_the_lost_answer_of_its_start_is_known_by_its_key = None


def test_what_getpaid_pushes_of_a_page_names_the_payment_and_the_key_of_the_page(getpaid):
    stage = GetpaidStage(*getpaid)
    request = a_start(stage)
    started = stage.gateway.start(request)
    stage.buyer_pays(started.reference)
    paid = done(stage.gateway.query(reference=started.reference))
    event = stage.gateway.parse_notification(stage.pushed()[-1]).events[0]
    assert (event.kind, event.reference, event.payment_key, event.amount) == (EventKind.CAPTURED, paid.reference, request.key, request.amount)


def test_a_refund_that_fails_late_at_getpaid_restores_the_totals_and_is_told(getpaid):
    stage = GetpaidStage(*getpaid)
    paid = captured(stage)
    request = a_refund(paid)
    assert isinstance(stage.gateway.refund(request), InProgress)
    returned = done(stage.gateway.query_refund(paid.reference, request.key))
    assert returned.totals.refunded == paid.totals.captured
    stage.operate(paid.reference, "fail_refund", refund_id=dict(returned.raw)["refund"])
    assert done(stage.gateway.query(reference=paid.reference)).totals == paid.totals
    assert isinstance(stage.gateway.query_refund(paid.reference, request.key), Declined)
    [event] = stage.gateway.parse_notification(stage.pushed()[-1]).events
    assert (event.kind, event.our_key, event.amount) == (EventKind.REFUND_FAILED, request.key, paid.totals.captured)


def test_a_buyer_whose_card_says_no_at_getpaid_may_try_again_on_the_same_page(getpaid):
    stage = GetpaidStage(*getpaid)
    started = stage.gateway.start(a_start(stage))
    stage._on_page(stage.waiting[started.reference][0], "decline")
    assert stage.gateway.query(reference=started.reference) == started
    assert [event.kind for raw in stage.pushed() for event in stage.gateway.parse_notification(raw).events] == [EventKind.IGNORED]
    stage.buyer_pays(started.reference)
    assert done(stage.gateway.query(reference=started.reference)).totals.captured == an_amount(stage)


def test_a_page_of_getpaid_whose_time_is_over_is_a_payment_that_came_to_nothing(getpaid):
    stage = GetpaidStage(*getpaid)
    request = a_start(stage)
    started = stage.gateway.start(request)
    stage.operate(started.reference, "expire_session")
    outcome = stage.gateway.query(reference=started.reference)
    assert isinstance(outcome, Declined)
    assert outcome.reason is DeclineReason.EXPIRED
    [event] = stage.gateway.parse_notification(stage.pushed()[-1]).events
    assert (event.kind, event.payment_key) == (EventKind.FAILED, request.key)


def test_a_promise_that_lapses_at_getpaid_is_told_and_given_up(getpaid):
    stage = GetpaidStage(*getpaid)
    held = authorized(stage)
    stage.operate(held.reference, "expire_auth")
    [event] = stage.gateway.parse_notification(stage.pushed()[-1]).events
    assert event.kind is EventKind.VOIDED
    assert done(stage.gateway.query(reference=held.reference)).totals.voided == held.totals.authorized
    with pytest.raises(InvalidState):
        stage.gateway.capture(a_key(), held.reference, held.totals.authorized)


def test_a_debit_that_fails_at_getpaid_after_days_is_told(getpaid):
    stage = GetpaidStage(*getpaid)
    started = stage.gateway.start(a_start(stage, case="slow"))
    stage.buyer_pays(started.reference)
    assert isinstance(stage.gateway.query(reference=started.reference), InProgress)
    stage.operate(started.reference, "fail_delayed")
    kinds = {event.kind for raw in stage.pushed() for event in stage.gateway.parse_notification(raw).events}
    assert kinds == {EventKind.IGNORED, EventKind.FAILED}


def test_reviews_that_getpaid_opens_and_closes_are_told(getpaid):
    stage = GetpaidStage(*getpaid)
    paid = captured(stage)
    stage.operate(paid.reference, "open_review")
    stage.operate(paid.reference, "close_review")
    read = [event for raw in stage.pushed() for event in stage.gateway.parse_notification(raw).events]
    assert [(event.kind, event.reference) for event in read[-2:]] == [
        (EventKind.REVIEW_OPENED, paid.reference),
        (EventKind.REVIEW_CLOSED, paid.reference),
    ]


def test_events_of_getpaid_come_before_what_they_follow_from_and_are_read_all_the_same(getpaid):
    stage = GetpaidStage(*getpaid)
    held = authorized(stage)
    taken = done(stage.gateway.capture(a_key(), held.reference, an_amount(stage, 4)))
    stage.gateway.refund(a_refund(taken, an_amount(stage, 1)))
    kinds = [event.kind for raw in stage.pushed() for event in stage.gateway.parse_notification(raw).events]
    assert [kind for kind in kinds if kind is not EventKind.IGNORED] == [EventKind.AUTHORIZED, EventKind.CAPTURED, EventKind.REFUNDED]
