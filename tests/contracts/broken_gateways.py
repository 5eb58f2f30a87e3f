"""Gateways that each break one promise of the port in one small, likely way."""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress
from itertools import count
from typing import Any

from attrs import evolve

from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway
from shopwright.adapters.fake_gateway.messages import KEY_NAME, SIGNATURE, opened
from shopwright.money import Money
from shopwright.payments.disputes import Dispute, DisputeState
from shopwright.payments.errors import BadNotification, GatewayError, Indeterminate, InvalidState, NotFound, NotSent, Unsupported
from shopwright.payments.notifications import Ack, EventKind, RawNotification
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.outcomes import Declined, Done
from shopwright.testing.gateway_contract.stage import a_key


class ForgetsKeys(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, key=a_key()))


class RaisesDeclines(FakeGateway):
    def start(self, request):
        outcome = super().start(request)
        if isinstance(outcome, Declined):
            raise Indeterminate(outcome.message)
        return outcome


class CallsALostAnswerNotSent(FakeGateway):
    def start(self, request):
        try:
            return super().start(request)
        except Indeterminate as error:
            raise NotSent(str(error)) from error


class RepeatsByItselfUnderAnotherKey(FakeGateway):
    def start(self, request):
        try:
            return super().start(request)
        except Indeterminate:
            super().start(evolve(request, key=a_key()))
            raise


class RoundsToWholeUnits(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, amount=Money(-(-request.amount.minor // 100) * 100, request.amount.currency)))


class ChallengesNobody(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, challenge=False))


class ForgetsTheInstallments(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, installments=1))


class CapturesAllOfIt(FakeGateway):
    def capture(self, key, reference, amount, *, final=True):
        held = super().query(reference=reference)
        assert isinstance(held, Done)
        return super().capture(key, reference, held.totals.authorized, final=final)


class HidesAnOverRefund(FakeGateway):
    def refund(self, request):
        try:
            return super().refund(request)
        except GatewayError:
            return super().query(reference=request.payment)


class BelievesEveryBody(FakeGateway):
    def parse_notification(self, raw):
        for genuine in self.provider.notifications(again=True):
            if genuine.headers == raw.headers:
                return super().parse_notification(genuine)
        return super().parse_notification(raw)


class BelievesOldNotifications(FakeGateway):
    def parse_notification(self, raw: RawNotification):
        return super().parse_notification(evolve(raw, received_at=self.provider.clock.now()))


class LogsSecrets(FakeGateway):
    def scrub(self, transcript):
        return transcript


class ShowsSecrets(FakeGateway):
    def __repr__(self):
        return f"FakeGateway({self.settings.api_secret})"


class HasANameOfItsOwn(FakeGateway):
    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.name = "Fake Gateway"


class IsAnotherAfterARestart(FakeGateway):
    made = count()

    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.name = f"fake_{next(self.made)}"


class CallsHomeAtOnce(FakeGateway):
    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), timeout=1).close()


class IsNotWhatTheShopFinds:
    """It has the name of another, and stands before it."""

    def __init__(self, provider, *, settings=None):
        self._gateway = FakeGateway(provider, settings=settings)

    def __getattr__(self, name):
        return getattr(self.__dict__["_gateway"], name)


class TakesWhatIsForeign(FakeGateway):
    def refund(self, request):
        known = [each.amount for each in self.provider.movements() if each.reference == request.payment and each.amount]
        if not known or request.amount.currency == known[0].currency:
            return super().refund(request)
        return super().refund(evolve(request, amount=Money(request.amount.minor, known[0].currency), of_total=known[0]))


class LosesAYen(FakeGateway):
    def start(self, request):
        lost = 1 if request.amount.currency == "JPY" else 0
        return super().start(evolve(request, amount=Money(request.amount.minor - lost, request.amount.currency)))


class WritesTheBodyAgain(FakeGateway):
    def parse_notification(self, raw):
        for genuine in self.provider.notifications(again=True) if raw.body.endswith(b"}") else ():
            with suppress(ValueError):
                if json.loads(raw.body) == json.loads(genuine.body):
                    return super().parse_notification(evolve(raw, body=genuine.body))
        return super().parse_notification(raw)


class BelievesEveryKeyItEverHad(FakeGateway):
    def parse_notification(self, raw):
        keys = (*self.settings.signing_keys, *self.provider.settings.signing_keys)
        return opened(raw, evolve(self.settings, signing_keys=keys))


class BelievesTheTimeAlone(FakeGateway):
    """A signature that is a time and nothing else has nothing in it that could be wrong."""

    def parse_notification(self, raw):
        if re.fullmatch(r"t=\d+", raw.header(SIGNATURE)):
            [raw] = [each for each in self.provider.notifications(again=True) if each.body == raw.body]
        return super().parse_notification(raw)


class AcknowledgesInItsOwnWords(FakeGateway):
    def parse_notification(self, raw):
        return evolve(super().parse_notification(raw), ok=Ack(200, b"thank you"))


class TurnsAwayWhatItHasHeard(FakeGateway):
    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.heard = set()

    def parse_notification(self, raw):
        read = super().parse_notification(raw)
        known = raw.body in self.heard
        self.heard.add(raw.body)
        return evolve(read, ok=Ack(200, b"known")) if known else read


class HearsWholeCapturesAlone(FakeGateway):
    """What was taken in part it hears as if all of it were."""

    def parse_notification(self, raw):
        read = super().parse_notification(raw)
        return evolve(read, events=tuple(self._whole(event) for event in read.events))

    def _whole(self, event):
        if event.kind is not EventKind.CAPTURED:
            return event
        return evolve(event, amount=super().query(reference=event.reference).totals.authorized)


class CarriesItsSecrets(FakeGateway):
    def __reduce__(self):
        return str, (self.settings.api_secret,)


class AnswersDisputesAgainAndAgain(FakeGateway):
    def answer_dispute(self, key, dispute, evidence):
        with suppress(InvalidState):
            return super().answer_dispute(a_key(), dispute, evidence)
        with self.provider.open() as book:
            return evolve(book.dispute(dispute).dispute, state=DisputeState.UNDER_REVIEW)


class FindsDisputesThatAreNot(FakeGateway):
    def answer_dispute(self, key, dispute, evidence):
        return Dispute(id=dispute, state=DisputeState.UNDER_REVIEW, amount=1, told_at=self.provider.clock.now())


class ClaimsToSplit(FakeGateway):
    def split(self, key, reference, parts, *, finish):
        return super().query(reference=reference)


class ForgetsHalfTheLedger(FakeGateway):
    def ledger(self, since, until):
        return iter(list(super().ledger(since, until))[::2])


class SellsWhatItDoesNotDeclare(FakeGateway):
    def capture(self, key, reference, amount, *, final=True):
        return super().query(reference=reference)

    @property
    def capabilities(self):
        return evolve(EVERYTHING, operations=EVERYTHING.operations - {Operation.CAPTURE})


class DeclaresWhatItDoesNotSell(FakeGateway):
    def void(self, key, reference):
        raise Unsupported("not yet")


class NeverCloses(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, expires_at=None))


class NeedsNoNameOfAKey(FakeGateway):
    def parse_notification(self, raw):
        named = KEY_NAME in dict(raw.headers)
        return super().parse_notification(raw if named else evolve(raw, headers=(*raw.headers, (KEY_NAME, self.settings.signing_keys[0][0]))))


class AsksInOneWay(FakeGateway):
    def start(self, request):
        return super().start(evolve(request, flow=Flow.REDIRECT) if request.flow is Flow.QR else request)


class BelievesForAnyAccount(FakeGateway):
    def parse_notification(self, raw):
        return opened(raw, self.provider.settings)


class DoesNotKnowWhatItDoesNotKnow(FakeGateway):
    def query(self, *, key=None, reference=None):
        return self._asked(super().query, key=key, reference=reference)

    def query_refund(self, payment, key):
        return self._asked(super().query_refund, payment, key)

    def _asked(self, ask, *args, **facts):
        try:
            return ask(*args, **facts)
        except NotFound as error:
            raise InvalidState(str(error)) from error


class AsksTwice(FakeGateway):
    def query(self, *, key=None, reference=None):
        with suppress(GatewayError):
            return super().query(key=key, reference=reference)
        return super().query(key=key, reference=reference)


class SaysThatItArrived(FakeGateway):
    def query_refund(self, payment, key):
        outcome = super().query_refund(payment, key)
        return self.query(reference=payment) if isinstance(outcome, Declined) else outcome


class CountsWhatIsUnderWay(FakeGateway):
    def query(self, *, key=None, reference=None):
        outcome = super().query(key=key, reference=reference)
        if not isinstance(outcome, Done):
            return outcome
        told = outcome.totals
        return evolve(outcome, totals=evolve(told, refunded=told.refunded + told.pending_refund, pending_refund=told.pending_refund * 0))


class TellsTheToken(FakeGateway):
    def start(self, request):
        try:
            return super().start(request)
        except GatewayError as error:
            raise type(error)(f"{error}: {request.source_token}") from error


class TakesNoiseForNews(FakeGateway):
    def parse_notification(self, raw):
        read = super().parse_notification(raw)
        news = [evolve(event, kind=EventKind.VOIDED) if event.kind is EventKind.IGNORED else event for event in read.events]
        return evolve(read, events=tuple(news))


class NamesEventsAnew(FakeGateway):
    numbers = count()

    def parse_notification(self, raw):
        read = super().parse_notification(raw)
        return evolve(read, events=tuple([evolve(event, event_id=f"event_{next(self.numbers)}") for event in read.events]))


class ReadsHeadersAsTheyAreWritten(FakeGateway):
    def parse_notification(self, raw):
        if SIGNATURE not in dict(raw.headers):
            raise BadNotification("nobody has signed it")
        return super().parse_notification(raw)


class TakesTwoForOne(FakeGateway):
    first = None

    def start(self, request):
        self.first = self.first or super().start(request)
        return self.first


class SellsMoreThanItSays(FakeGateway):
    """It does all that its provider does, and declares less."""

    less: Any = EVERYTHING

    @property
    def capabilities(self):
        return self.less

    def start(self, request):
        return FakeGateway(self.provider).start(request)

    def refund(self, request):
        return FakeGateway(self.provider).refund(request)


class TakesAnyCurrency(SellsMoreThanItSays):
    less = evolve(EVERYTHING, currencies={"EUR"})


class TakesAnyFlow(SellsMoreThanItSays):
    less = evolve(EVERYTHING, flows=EVERYTHING.flows - {Flow.QR})


class TakesAnyAmount(SellsMoreThanItSays):
    less = evolve(EVERYTHING, min_amount={"EUR": 50})


class TakesAnyNumberOfRefunds(SellsMoreThanItSays):
    less = evolve(EVERYTHING, max_refunds=2)
