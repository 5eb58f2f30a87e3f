"""The gateway: our operations, each asked of WeChat Pay and told in our words.

Rules
- the key of a start is the order number at WeChat Pay, so a repeat is known there for ever; an order that was made before under the number is
  looked up, and another amount under it is `GatewayKeyConflict`;
- a query tells no code, page or prepay id again: starting again with the same key does (`recalls_actions=False`);
- a query tells no refunds either (`counts_refunds=False`): `query_refund`, the refund's own answer and its notification do;
- `void` closes; it never revokes, since WeChat Pay gives paid money back on that;
- a split first reads the order, since WeChat Pay shares by its own number only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve

from shopwright.adapters.scrubbing import scrub
from shopwright.adapters.system import SystemClock
from shopwright.adapters.wechat import bills, funds, messages, sharing
from shopwright.adapters.wechat.client import WechatClient
from shopwright.adapters.wechat.codes import DECLINES, ERRORS, TAKEN, WAITING, failure, plain
from shopwright.adapters.wechat.messages import Answer, Ask
from shopwright.adapters.wechat.notices import opened
from shopwright.adapters.wechat.prepaid import handed_over
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, InvalidRequest, InvalidState, Misconfigured, NotFound, Throttled, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import ActionRequired, Declined, Done, InProgress, Outcome, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.ports.clock import Clock

OPERATIONS = frozenset({Operation.CHARGE, Operation.VOID, Operation.REFUND, Operation.LEDGER})
FLOWS = (Flow.QR, Flow.REDIRECT, Flow.CLIENT_SDK, Flow.SCAN_BUYER_CODE)
MOST_REFUNDS = 50


class WechatGateway:
    """A `PaymentGateway` for one merchant at WeChat Pay. `client` is given by who brings a wire of their own."""

    api_version = 1

    def __init__(
        self, settings: WechatSettings, *, clock: Clock | None = None, name: str = "wechat", client: WechatClient | None = None
    ) -> None:
        self.settings, self.name = settings, name
        self.clock: Clock = clock or SystemClock()
        self.client = client or WechatClient(settings)
        self.capabilities = Capabilities(
            operations=OPERATIONS | {Operation.SPLIT} if settings.profit_sharing else OPERATIONS,
            flows=FLOWS,
            currencies={messages.CURRENCY},
            max_refunds=MOST_REFUNDS,
            refund_is_async=True,
            refund_window=settings.refund_window,
            recalls_actions=False,
            counts_refunds=False,
        )

    def __repr__(self) -> str:
        return f"WechatGateway(name={self.name!r}, merchant_id={self.settings.merchant_id!r})"

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment: a code to show, a page of a phone, parameters for WeChat's own code, or the code of the buyer that was scanned."""
        self.capabilities.demand_start(request)
        reference, now = request.key.value, self.clock.now()
        answer = self.client.ask(messages.start(request, self.settings), at=now)
        if not answer.is_fine:
            return self._not_begun(request, answer)
        match request.flow:
            case Flow.SCAN_BUYER_CODE:
                return messages.standing(answer, reference, self.settings, at=now)
            case Flow.QR:
                return ActionRequired(reference, messages.code_to_show(answer, request.expires_at))
            case Flow.REDIRECT:
                return ActionRequired(reference, messages.page(answer, request))
            case _:
                return ActionRequired(reference, handed_over(answer, request, self.settings, at=now))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Nothing is only promised here: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot capture; it can: {', '.join(sorted(self.capabilities.operations))}")

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Close an order that the buyer has not paid. One that is closed stays closed; raises `InvalidState` for one that is paid."""
        answer = self.client.ask(messages.close(reference, self.settings), at=self.clock.now())
        if not answer.is_fine:
            if failure(answer.status, answer.code) not in {InvalidState, InvalidRequest}:
                raise _raised(answer)
            stands = self.query(reference=reference)
            if not isinstance(stands, Declined):
                raise InvalidState(f"WeChat Pay does not close the order: {answer.told}", raw_code=answer.code)
        return Done(reference, Totals.of(messages.CURRENCY), self.clock.now())

    def refund(self, request: RefundPart) -> Outcome:
        """Give money back. Raises `Misconfigured` while the account has too little money for it; repeat it then with the same key."""
        self.capabilities.demand_amount(request.amount)
        answer = self.client.ask(messages.refund(request, self.settings), at=self.clock.now())
        code = plain(answer.code)
        if answer.is_fine:
            return self._refund_told(answer, request)
        if code == "NOTENOUGH":
            raise Misconfigured(f"the account has too little money to refund {request.amount}; top it up and repeat", raw_code=answer.code)
        if code == "USERACCOUNTABNORMAL":
            return messages.declined(answer, request.payment)
        error = _raised(answer)
        if isinstance(error, InvalidRequest | InvalidState | GatewayKeyConflict) and code != "PARAMERROR":
            return self._refunded_before(request, error)
        raise error

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands; its reference is the key of its start."""
        if (key is None) == (reference is None):
            raise InvalidRequest("query by key or by reference, and not by both")
        name = key.value if key is not None else reference or ""
        return messages.standing(self._asked(messages.query(name, self.settings)), name, self.settings, at=self.clock.now())

    def query_transaction(self, transaction: str) -> Outcome:
        """How a payment stands, by the number that WeChat Pay gave it and the buyer sees. Raises `NotFound`."""
        answer = self._asked(messages.query_transaction(transaction, self.settings))
        return messages.standing(answer, messages.word(answer.words, "out_trade_no"), self.settings, at=self.clock.now())

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How a refund stands. Its totals count no other refund of the payment."""
        return messages.refund_standing(self._asked(messages.refund_query(key)), payment, key, at=self.clock.now())

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Share a paid order among receivers that are bound to the account; `finish` gives the rest to the shop."""
        self.capabilities.demand(Operation.SPLIT)
        for part in parts:
            self.capabilities.demand_amount(part.amount)
        if not parts and not finish:
            raise InvalidRequest("a split has at least one part, or finishes")
        paid = self.query(reference=reference)
        if not isinstance(paid, Done):
            raise InvalidState("only an order that is paid can be shared", raw_code="not_paid")
        transaction = dict(paid.raw)["transaction_id"]
        answer = self.client.ask(messages.split(key, transaction, parts, self.settings, finish=finish), at=self.clock.now())
        if not answer.is_fine:
            error = _raised(answer)
            if not isinstance(error, InvalidRequest | InvalidState):
                raise error
            if self._shared_before(key, transaction):
                raise GatewayKeyConflict(f"{key} has shared this order in other parts", raw_code=answer.code)
            raise InvalidState(f"WeChat Pay does not share: {answer.told}", raw_code=answer.code)
        return sharing.shared(answer, evolve(paid, raw=(*paid.raw, ("out_order_no", key.value))), key, parts)

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify, decrypt and parse what WeChat Pay pushed. A platform certificate that is not known yet is looked up by the next request."""
        return opened(raw, self.settings, self.client.keys)

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What the trade bills tell, oldest first. The bill of a day is there on the next morning; a day without one yields nothing."""
        for day in bills.days(since, until, now=self.clock.now()):
            text = self._bill(messages.trade_bill(day))
            for line in () if text is None else bills.ledger_lines(bills.read_bill(text)):
                if since <= line.booked_at < until:
                    yield line

    def funds(self, day: str) -> funds.Funds | None:
        """What came to the account and left it on a day of Beijing (`2026-03-01`), withdrawals too; `None` while there is no list of it."""
        text = self._bill(messages.fund_bill(day))
        return None if text is None else funds.read_funds(text)

    def renew_certificates(self) -> None:
        """Look up the platform certificates, if it is time to. Every request does it; call this where notifications come and nothing is asked."""
        self.client.renew(at=self.clock.now())

    def scrub(self, transcript: str) -> str:
        """The transcript without private key, APIv3 key and card numbers."""
        return scrub(transcript, secrets=self.settings.secrets)

    def _bill(self, ask: Ask) -> str | None:
        now = self.clock.now()
        answer = self.client.ask(ask, at=now)
        if plain(answer.code) in bills.NO_BILL:
            return None
        _demand_fine(answer)
        if messages.word(answer.words, "hash_type") != "SHA1":
            raise bills.UnreadableBill(f"expected a bill with its SHA1, got {answer.words['hash_type']!r}", raw_code="hash")
        return bills.unpacked(self.client.fetch(messages.word(answer.words, "download_url"), messages.word(answer.words, "hash_value"), at=now))

    def _asked(self, ask: Ask) -> Answer:
        answer = self.client.ask(ask, at=self.clock.now())
        _demand_fine(answer)
        return answer

    def _not_begun(self, request: StartPayment, answer: Answer) -> Outcome:
        """What an answer means that begins no payment: the buyer is at it, the order was made before, or no."""
        code, reference = plain(answer.code), request.key.value
        if code in WAITING:
            return InProgress(reference, messages.POLL_AFTER)
        if code in TAKEN:
            return self._begun_before(request, answer)
        error = _raised(answer)
        if code in DECLINES or (code not in ERRORS and isinstance(error, InvalidState)):
            return messages.declined(answer, reference)
        raise error

    def _begun_before(self, request: StartPayment, answer: Answer) -> Outcome:
        """How the order stands that was made under this key; raises `GatewayKeyConflict` if it was another one."""
        found = self.client.ask(messages.query(request.key.value, self.settings), at=self.clock.now())
        if plain(found.code) in {"ORDERNOTEXIST", "RESOURCENOTEXISTS"}:
            raise _raised(answer)
        _demand_fine(found)
        stands = messages.standing(found, request.key.value, self.settings, at=self.clock.now())
        same = isinstance(stands, Declined) or messages.total(found) == request.amount.minor
        if not same or (isinstance(stands, InProgress) and plain(answer.code) == "INVALIDREQUEST"):
            raise GatewayKeyConflict(f"{request.key} was begun in other words: {answer.told}", raw_code=answer.code)
        return stands

    def _refund_told(self, answer: Answer, request: RefundPart) -> Outcome:
        told = messages.fen(messages.part(answer.words, "amount"), "refund")
        if told != request.amount.minor:
            raise GatewayKeyConflict(f"{request.key} has refunded {Money(told, messages.CURRENCY)}, not {request.amount}", raw_code="amount")
        return messages.refund_standing(answer, request.payment, request.key, at=self.clock.now())

    def _refunded_before(self, request: RefundPart, error: GatewayError) -> Outcome:
        """How the refund stands that was asked for under this key; where there is none, there is too little left, or it is too late."""
        found = self.client.ask(messages.refund_query(request.key), at=self.clock.now())
        if failure(found.status, found.code) is NotFound and not found.is_fine:
            raise InvalidState(str(error), raw_code=error.raw_code) from error
        _demand_fine(found)
        return self._refund_told(found, request)

    def _shared_before(self, key: OperationKey, transaction: str) -> bool:
        found = self.client.ask(messages.split_query(key, transaction), at=self.clock.now())
        return found.is_fine


def _raised(answer: Answer) -> GatewayError:
    error = failure(answer.status, answer.code)
    if error is Throttled:
        return Throttled(f"WeChat Pay answers {answer.code}: {answer.told}", raw_code=answer.code)
    return error(f"WeChat Pay answers {answer.code}: {answer.told}", raw_code=answer.code)


def _demand_fine(answer: Answer) -> None:
    if not answer.is_fine:
        raise _raised(answer)
