"""The gateway: our operations, each asked of Alipay and told in our words.

Rules
- the key of a start is the order number at Alipay, so a repeat is known there for ever; what was paid before under the number is looked up, and
  another amount under it is `GatewayKeyConflict`;
- the address of a page is made without asking anybody: Alipay hears of such a payment when the buyer comes, and of a code when it is scanned.
  Until then a query and a void raise `NotFound`, and starting again with the same key is right (`recalls_actions=False`);
- `void` closes; it never cancels, since Alipay gives paid money back on a cancel;
- a split first reads the trade, since Alipay shares by its own number only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import evolve

from shopwright.adapters.alipay import bills, messages
from shopwright.adapters.alipay.client import AlipayClient
from shopwright.adapters.alipay.codes import PAID_ALREADY, SUCCESS
from shopwright.adapters.alipay.messages import Answer, Ask
from shopwright.adapters.alipay.notices import opened
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.scrubbing import scrub
from shopwright.adapters.system import SystemClock
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, InvalidRequest, InvalidState, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import ActionRequired, Declined, DeclineReason, Done, Outcome, Redirect, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.ports.clock import Clock

OPERATIONS = (Operation.CHARGE, Operation.VOID, Operation.REFUND, Operation.SPLIT, Operation.LEDGER)
FLOWS = (Flow.REDIRECT, Flow.QR, Flow.SCAN_BUYER_CODE)


class AlipayGateway:
    """A `PaymentGateway` for one application at Alipay. `client` is given by who brings a wire of their own."""

    api_version = 1

    def __init__(
        self, settings: AlipaySettings, *, clock: Clock | None = None, name: str = "alipay", client: AlipayClient | None = None
    ) -> None:
        self.settings, self.name = settings, name
        self.clock: Clock = clock or SystemClock()
        self.client = client or AlipayClient(settings)
        self.capabilities = Capabilities(
            operations=OPERATIONS,
            flows=FLOWS,
            currencies={messages.CURRENCY},
            refund_window=settings.refund_window,
            recalls_actions=False,
            counts_refunds=False,
        )

    def __repr__(self) -> str:
        return f"AlipayGateway(name={self.name!r}, app_id={self.settings.app_id!r})"

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment: a page, a code to show, or the code of the buyer that was scanned."""
        self.capabilities.demand_start(request)
        reference, now = request.key.value, self.clock.now()
        if request.flow is Flow.REDIRECT:
            return ActionRequired(reference, Redirect(self.client.page(messages.start(request), at=now)))
        if request.flow is Flow.SCAN_BUYER_CODE and request.source_token is None:
            raise InvalidRequest("the scan_buyer_code flow needs a source_token: the digits of the buyer's code")
        answer = self.client.ask(messages.start(request), at=now)
        if messages.codes(answer)[1] == PAID_ALREADY:
            return self._paid_before(request)
        _demand_no_error(answer)
        if request.flow is Flow.SCAN_BUYER_CODE:
            return messages.paid(answer, reference, at=now)
        if messages.codes(answer)[0] != SUCCESS:
            return messages.declined(answer, reference)
        return ActionRequired(reference, messages.code_to_show(answer, reference, request.expires_at))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Nothing is only promised here: raises `Unsupported`."""
        raise Unsupported(f"this gateway cannot capture; it can: {', '.join(sorted(self.capabilities.operations))}")

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Close a payment that the buyer has not made. One that is closed stays closed; raises `InvalidState` for one that is paid."""
        answer = self.client.ask(messages.close(reference), at=self.clock.now())
        try:
            _demand_success(answer)
        except InvalidState:
            stands = self.query(reference=reference)
            if not (isinstance(stands, Declined) and stands.reason is DeclineReason.EXPIRED):
                raise
        return Done(reference, Totals.of(messages.CURRENCY), self.clock.now())

    def refund(self, request: RefundPart) -> Outcome:
        """Give money back."""
        self.capabilities.demand_amount(request.amount)
        now = self.clock.now()
        return messages.refunded(self._asked(messages.refund(request)), request, at=now)

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands; its reference is the key of its start."""
        if (key is None) == (reference is None):
            raise InvalidRequest("query by key or by reference, and not by both")
        name = key.value if key is not None else reference or ""
        return messages.standing(self._asked(messages.query(name)), name, at=self.clock.now())

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How a refund stands. Its totals count no other refund of the payment."""
        return messages.refund_standing(self._asked(messages.refund_query(payment, key)), payment, key, at=self.clock.now())

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Share a paid trade among receivers that are bound to the account; `finish` gives the rest to the shop."""
        for part in parts:
            self.capabilities.demand_amount(part.amount)
        if not parts and not finish:
            raise InvalidRequest("a split has at least one part, or finishes")
        trade = self._asked(messages.query(reference))
        paid = messages.standing(trade, reference, at=self.clock.now())
        if not isinstance(paid, Done):
            raise InvalidState("only a trade that is paid can be shared", raw_code=str(trade.get("trade_status", "")))
        self._asked(messages.settle(key, messages.trade_no(trade), parts, finish=finish))
        return evolve(paid, raw=(*paid.raw, ("out_request_no", key.value)))

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify and parse what Alipay pushed."""
        return opened(raw, self.settings)

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What the trade bills tell, oldest first. The bill of a day is there on the next morning; a day without one yields nothing."""
        for day in bills.days(since, min(until, self.clock.now())):
            text = self._bill(day)
            for line in () if text is None else bills.lines(text):
                if since <= line.booked_at < until:
                    yield line

    def scrub(self, transcript: str) -> str:
        """The transcript without the private key and without card numbers."""
        return scrub(transcript, secrets=self.settings.secrets)

    def _bill(self, day: str) -> str | None:
        answer = self.client.ask(messages.bill(day), at=self.clock.now())
        if messages.codes(answer)[1] in bills.NO_BILL:
            return None
        _demand_success(answer)
        return bills.unpacked(self.client.fetch(str(answer.get("bill_download_url", ""))))

    def _asked(self, ask: Ask) -> Answer:
        answer = self.client.ask(ask, at=self.clock.now())
        _demand_success(answer)
        return answer

    def _paid_before(self, request: StartPayment) -> Outcome:
        """How a payment stands that was made under this key; raises `GatewayKeyConflict` if it was another one."""
        stands = self.query(key=request.key)
        if isinstance(stands, Done) and stands.totals.authorized != request.amount:
            raise GatewayKeyConflict(f"{request.key} was paid with {stands.totals.authorized}, not with {request.amount}", raw_code=PAID_ALREADY)
        return stands


def _demand_no_error(answer: Answer) -> None:
    error = messages.raised(answer)
    if error is not None:
        raise error


def _demand_success(answer: dict[str, Any] | Answer) -> None:
    """Raise what a failed answer stands for: a business code that is not in the tables is a state that does not allow the operation."""
    _demand_no_error(answer)
    code, sub_code = messages.codes(answer)
    if code != SUCCESS:
        error: type[GatewayError] = InvalidState
        raise error(f"Alipay answers {sub_code or code}: {messages.told(answer)}", raw_code=sub_code or code)
