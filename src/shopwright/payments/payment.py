"""A payment: one tender of one order, and what has become of it.

Rules
- PAY-1: nothing is refunded above what was captured: `refunded + pending_refund + charged_back + disputed <= captured` for all that we ask for;
- PAY-2: an attempt is stored under its key before a gateway is called, and keeps that key until its end is known;
- PAY-3: amounts are the sums of the payment's events; a provider's cumulative totals are turned into events by difference;
- PAY-4: what a provider tells late, twice or out of order changes nothing: totals only grow, a refund is counted once under its key,
  and one that has failed stays failed;
- RISK-8: a review of the provider counts by when it was opened and closed, not by what is heard of first: one that is over holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.changing import begun
from shopwright.edges import of, text, whole
from shopwright.errors import InvalidValue
from shopwright.payments.disputes import Dispute, pending
from shopwright.payments.events import PaymentVerb
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction
from shopwright.payments.risk.verdicts import Verdict
from shopwright.payments.states import AWAITED, PaymentState


class Via(StrEnum):
    """Who moves the money: a gateway, somebody outside (a voucher, a bank), or the buyer at the door."""

    GATEWAY = "gateway"
    EXTERNAL = "external"
    ON_DELIVERY = "on_delivery"


@frozen(kw_only=True)
class Tender:
    """How a buyer means to pay a part of an order: `amount` minor units by `method`.

    `source` is a provider's token for a card or account, never a card number; in a shop with a vault `sealed_source` keeps it, and it is empty.
    `installments` is told to the provider. With `save` the provider keeps the method for the next time, for its `owner` there; `saved` names a
    method of the buyer's that was kept (`shop.members.methods`) in place of a source, and `absent` says that they are not there while it is charged.
    """

    method: str = field(validator=text(least=1, most=60))
    amount: int = field(validator=whole(least=0))
    via: Via = field(default=Via.GATEWAY, validator=of(Via))
    gateway: str = field(default="", validator=text())
    flow: Flow = field(default=Flow.TOKEN, validator=of(Flow))
    source: str = field(default="", validator=text(most=4_000), repr=False)
    installments: int = field(default=1, validator=whole(least=1, most=999))
    capture: bool = field(default=True, validator=of(bool))
    sealed_source: str = field(default="", validator=text(most=20_000), repr=False)
    save: bool = field(default=False, validator=of(bool))
    saved: str = field(default="", validator=text(most=60))
    absent: bool = field(default=False, validator=of(bool))
    owner: str = field(default="", validator=text(), repr=False)

    def __attrs_post_init__(self) -> None:
        if self.source and self.sealed_source:
            raise InvalidValue("a tender has a source or a sealed_source, got both")
        if (self.save and self.absent) or (self.save and self.saved):
            raise InvalidValue("a tender that saves a method is paid with a fresh one, by a buyer who is there; got save with saved or absent")
        if (self.via is Via.GATEWAY) != bool(self.gateway):
            raise InvalidValue(f"a tender via {self.via} {'needs' if self.via is Via.GATEWAY else 'takes no'} gateway name; got {self.gateway!r}")


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
    final: bool = True
    unanswered: bool = False
    pending: bool = False
    challenge: bool = False
    promise_only: bool = False


@frozen(kw_only=True)
class Judged:
    """What followed from the rules of the shop when a payment was judged last, how often it was, and until when a review of its promise is to end."""

    follows: Verdict
    times: int = 1
    until: datetime | None = None


# Not slotted, like the order: it is made anew by every event (`shopwright.changing`).
@frozen(kw_only=True, slots=False)
class Payment:
    """One tender of an order. Amounts are cumulative minor units; `attempts` are those whose end is open, and `failures` counts the
    captures, voids and refunds that were refused.

    `key` is the one it was started under and `reference` the provider's name of it: each finds it at the provider.
    `step` is what its gateway moves money in multiples of, in minor units.
    `refunded_by_hand` is the part of `refunded` that no provider knows of; `refunds` are pairs of key and amount, for what is known
    by its key, and `failed_refunds` the keys of refunds that did not arrive. `won_back` is what is no longer in `charged_back`.
    `judged` is what the rules of the shop said of it, where the shop has some; with `held_back` its money is only promised until the review that they
    asked for is over. `review_opened_at` and `review_closed_at` tell of the provider's own review, by its clock.
    `disputes` are those that the provider told of.
    """

    id: str
    tender: Tender
    state: PaymentState
    key: str = ""
    reference: str = ""
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    pending_refund: int = 0
    charged_back: int = 0
    refunded_by_hand: int = 0
    won_back: int = 0
    attempts: tuple[Attempt, ...] = ()
    failures: int = 0
    refunds: tuple[tuple[str, int], ...] = ()
    failed_refunds: tuple[str, ...] = ()
    action: NextAction | None = None
    step: int = 1
    judged: Judged | None = None
    held_back: bool = False
    review_opened_at: datetime | None = None
    review_closed_at: datetime | None = None
    disputes: tuple[Dispute, ...] = ()

    @property
    def disputed(self) -> int:
        """What disputes may still take: the pending twin of `charged_back` (DISPUTE-2)."""
        return pending(self.disputes, self.charged_back) if self.disputes else 0

    @property
    def net(self) -> int:
        """What the shop has of it now; below zero when a refund met a chargeback."""
        return self.captured - self.refunded - self.charged_back

    @property
    def refundable(self) -> int:
        """What could still be asked back: what is on its way back, or disputed, does not count (PAY-1)."""
        return max(0, self.net - self.asked(PaymentVerb.REFUND) - self.disputed)

    def refundable_of(self, amount: int) -> int:
        """What of an amount could be asked back now, as far as its gateway can move it: a multiple of its step."""
        most = min(amount, self.refundable)
        return most - most % self.step

    @property
    def refunded_without_key(self) -> int:
        """What the provider's totals say went back, and no key accounts for."""
        return self.refunded - self.refunded_by_hand - sum([amount for _, amount in self.refunds])

    @property
    def open_authorization(self) -> int:
        """What is promised and neither taken nor given up."""
        return max(0, self.authorized - self.captured - self.voided)

    @property
    def expected(self) -> int:
        """What an order may count on: taken, promised, or due at the door."""
        if self.state is PaymentState.ON_DELIVERY:
            return self.tender.amount
        return self.net + self.open_authorization

    @property
    def prospect(self) -> int:
        """What it may still come to: the whole tender while that is awaited, else what an order may count on."""
        return max(self.tender.amount, self.net) if self.state in AWAITED else self.expected

    def asked(self, verb: PaymentVerb) -> int:
        """How much a gateway was asked for by this verb and has not answered for."""
        return sum([attempt.amount for attempt in self.attempts if attempt.verb is verb])


def planned(id: str, tender: Tender, *, step: int = 1) -> Payment:
    """A payment as it stands when its order is placed."""
    state = PaymentState.ON_DELIVERY if tender.via is Via.ON_DELIVERY else PaymentState.DUE
    return begun(Payment, id=id, tender=tender, state=state, step=step)


def planned_with(tenders: Iterable[Tender], steps: tuple[tuple[str, int], ...], *, first: int = 1) -> tuple[Payment, ...]:
    """Payments for tenders, numbered from `first` on; `steps` are pairs of a gateway and its step, where that is more than one."""
    if not steps:
        return tuple([planned(f"p{n}", tender) for n, tender in enumerate(tenders, first)])
    by_gateway = dict(steps)
    return tuple([planned(f"p{n}", tender, step=by_gateway.get(tender.gateway, 1)) for n, tender in enumerate(tenders, first)])
