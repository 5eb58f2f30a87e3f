"""A provider's side of one payment: the truth that a shop has to arrive at, whatever is lost, late, repeated or out of order."""

from __future__ import annotations

from attrs import define, field

from shopwright.money import Money
from shopwright.payments.events import PaymentVerb
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, Outcome, Totals
from shopwright.payments.payment import Attempt
from shopwright.testing.builders import NOON

NAMES = ("authorized", "captured", "voided", "refunded", "charged_back")
NO = Declined(DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD)


@define
class Bank:
    """One payment at a provider: its totals, what each key did, and the events it tells of."""

    key: str
    capture: bool = True
    amounts: dict[str, int] = field(factory=lambda: dict.fromkeys(NAMES, 0))
    done: dict[str, int] = field(factory=dict)
    failed: set[str] = field(factory=set)
    events: list[GatewayEvent] = field(factory=list)

    @property
    def totals(self) -> Totals:
        return Totals.of("EUR", **self.amounts)

    @property
    def kept(self) -> int:
        return self.amounts["captured"] - self.amounts["refunded"] - self.amounts["charged_back"]

    @property
    def refunds(self) -> list[str]:
        """The keys of refunds that have gone and not come back."""
        return [it.our_key.value for it in self.events if it.kind is EventKind.REFUNDED and it.our_key and it.our_key.value not in self.failed]

    def look(self) -> Done:
        """How the payment stands."""
        return Done("ref", self.totals, NOON)

    def asked(self, attempt: Attempt) -> Outcome:
        """What is asked under a key is done once, and answered with how the payment stands now."""
        if attempt.key in self.failed:
            return NO
        if attempt.key not in self.done:
            act = {PaymentVerb.START: self._start, PaymentVerb.CAPTURE: self._capture, PaymentVerb.VOID: self._void, PaymentVerb.REFUND: self._refund}
            if not act[attempt.verb](attempt.key, attempt.amount):
                return NO
            self.done[attempt.key] = attempt.amount
        return self.look()

    def _start(self, key: str, amount: int) -> bool:
        moved = {"authorized": amount, "captured": amount if self.capture else 0}
        return self._move(EventKind.CAPTURED if self.capture else EventKind.AUTHORIZED, key, amount, **moved)

    def _open(self) -> int:
        return self.amounts["authorized"] - self.amounts["captured"] - self.amounts["voided"]

    def _capture(self, key: str, amount: int) -> bool:
        return amount <= self._open() and self._move(EventKind.CAPTURED, key, amount, captured=amount, voided=self._open() - amount)

    def _void(self, key: str, _amount: int) -> bool:
        return not self.amounts["captured"] and self._open() > 0 and self._move(EventKind.VOIDED, key, self._open(), voided=self._open())

    def _refund(self, key: str, amount: int) -> bool:
        return amount <= self.kept and self._move(EventKind.REFUNDED, key, amount, refunded=amount)

    def refund_elsewhere(self, amount: int) -> None:
        """Somebody gives money back at the provider's own desk."""
        if 0 < amount <= self.kept:
            key = f"desk_{len(self.events)}"
            self.done[key] = amount
            self._refund(key, amount)

    def fail_refund(self, key: str) -> None:
        """A refund that was done comes back."""
        self.failed.add(key)
        self._move(EventKind.REFUND_FAILED, key, self.done[key], refunded=-self.done[key])

    def charge_back(self, amount: int) -> None:
        """The buyer's bank takes money."""
        if 0 < amount <= self.kept:
            self._move(EventKind.CHARGED_BACK, self.key, amount, charged_back=amount)

    def give_in(self, _amount: int = 0) -> None:
        """The shop wins all its disputes."""
        if amount := self.amounts["charged_back"]:
            self._move(EventKind.CHARGEBACK_REVERSED, self.key, amount, charged_back=-amount)

    def _move(self, kind: EventKind, key: str, amount: int, **by: int) -> bool:
        for name, more in by.items():
            self.amounts[name] += more
        event = GatewayEvent(
            event_id=str(len(self.events)),
            kind=kind,
            reference="ref",
            payment_key=OperationKey(self.key),
            our_key=OperationKey(key),
            amount=Money(amount, "EUR"),
            totals=self.totals,
            occurred_at=NOON,
        )
        self.events.append(event)
        return True
