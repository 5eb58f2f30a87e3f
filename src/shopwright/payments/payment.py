"""A payment: one tender of one order, and what has become of it.

Rules
- PAY-1: nothing is refunded above what was captured: `refunded + pending_refund + charged_back <= captured` for all that we ask for;
- PAY-2: an attempt is stored under its key before a gateway is called, and keeps that key until its end is known;
- PAY-3: amounts are the sums of the payment's events; a provider's cumulative totals are turned into events by difference.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import text
from shopwright.errors import InvalidValue
from shopwright.payments.events import PaymentVerb
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction
from shopwright.payments.states import PaymentState


class Via(StrEnum):
    """Who moves the money: a gateway, somebody outside (a voucher, a bank), or the buyer at the door."""

    GATEWAY = "gateway"
    EXTERNAL = "external"
    ON_DELIVERY = "on_delivery"


@frozen(kw_only=True)
class Tender:
    """How a buyer means to pay a part of an order: `amount` minor units by `method`.

    `source` is a provider's token for a card or account, never a card number; `installments` is told to the provider.
    """

    method: str = field(validator=text(least=1, most=60))
    amount: int
    via: Via = Via.GATEWAY
    gateway: str = ""
    flow: Flow = Flow.TOKEN
    source: str = field(default="", repr=False)
    installments: int = 1
    capture: bool = True

    def __attrs_post_init__(self) -> None:
        if type(self.amount) is not int or self.amount < 0:
            raise InvalidValue(f"tender amount must be a whole number of minor units, zero or more; got {self.amount!r}")
        if (self.via is Via.GATEWAY) != bool(self.gateway):
            raise InvalidValue(f"a tender via {self.via} {'needs' if self.via is Via.GATEWAY else 'takes no'} gateway name; got {self.gateway!r}")
        if self.installments < 1:
            raise InvalidValue(f"installments must be 1 or more; got {self.installments!r}")


@frozen(kw_only=True)
class Attempt:
    """Something a gateway was asked for whose end is not known yet."""

    key: str
    verb: PaymentVerb
    amount: int
    at: datetime
    reason: str = ""
    return_url: str = ""
    notify_url: str = ""
    unanswered: bool = False
    pending: bool = False


@frozen(kw_only=True)
class Payment:
    """One tender of an order. Amounts are cumulative minor units; `attempts` are those whose end is open, and `failures` counts the
    captures, voids and refunds that were refused.
    """

    id: str
    tender: Tender
    state: PaymentState
    reference: str = ""
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    pending_refund: int = 0
    charged_back: int = 0
    attempts: tuple[Attempt, ...] = ()
    failures: int = 0
    action: NextAction | None = None

    @property
    def net(self) -> int:
        """What the shop has of it now."""
        return self.captured - self.refunded - self.charged_back

    @property
    def refundable(self) -> int:
        """What could still be asked back: nothing that is already on its way back counts."""
        asked = sum(attempt.amount for attempt in self.attempts if attempt.verb is PaymentVerb.REFUND)
        return max(0, self.net - asked)

    @property
    def open_authorization(self) -> int:
        """What is promised and neither taken nor given up."""
        return max(0, self.authorized - max(self.captured, 0) - self.voided)

    @property
    def expected(self) -> int:
        """What an order may count on: taken, promised, or due at the door."""
        if self.state is PaymentState.ON_DELIVERY:
            return self.tender.amount
        return self.net + self.open_authorization


def planned(id: str, tender: Tender) -> Payment:
    """A payment as it stands when its order is placed."""
    state = PaymentState.ON_DELIVERY if tender.via is Via.ON_DELIVERY else PaymentState.DUE
    return Payment(id=id, tender=tender, state=state)
