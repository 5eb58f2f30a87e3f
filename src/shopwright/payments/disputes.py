"""Disputes: a buyer asks the bank, or the provider, for the money back. Where each stands, by when the shop has to answer, what it may still take.

    inquiry ---> inquiry_answered ---> closed
       `--------------`------> needs_response ---> under_review ---> won | lost

Rules
- DISPUTE-1: a dispute is known by the provider's name of it, and what was told last by the provider's clock counts, however late it is heard; of two
  things told at the same moment the one that is further on;
- DISPUTE-2: money moves by chargebacks alone (`PaymentChargedBack`, `ChargebackReversed`): a dispute tells what may go before it goes. What open and
  lost disputes are about and was not taken yet is pending (`Payment.disputed`), and is given back to nobody meanwhile;
- DISPUTE-3: an inquiry takes nothing, and a refund may end it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import aware, maybe, of, text, whole


class DisputeState(StrEnum):
    """Where a dispute stands."""

    INQUIRY = "inquiry"
    """Somebody asks what it was for. No money is taken, and none will be if the answer convinces."""
    INQUIRY_ANSWERED = "inquiry_answered"
    """The shop has told; whoever asked may leave it at that, or dispute the payment after all."""
    NEEDS_RESPONSE = "needs_response"
    """The shop is to answer by the deadline, or it is lost."""
    UNDER_REVIEW = "under_review"
    """The shop has answered; the bank decides."""
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    """It came to nothing: an inquiry that nobody pursued, a payment that was given back in time."""


class DisputeReason(StrEnum):
    """Why the buyer wants the money back, in words that mean the same for every provider."""

    FRAUD = "fraud"
    """The buyer says that it was somebody else."""
    UNRECOGNIZED = "unrecognized"
    DUPLICATE = "duplicate"
    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    NOT_REFUNDED = "not_refunded"
    """The buyer was promised a refund that did not come."""
    CANCELED = "canceled"
    """The buyer had called it off."""
    OTHER = "other"


_TO_ANSWER = frozenset({DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE})
_OPEN = _TO_ANSWER | {DisputeState.INQUIRY_ANSWERED, DisputeState.UNDER_REVIEW}
_TAKES = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW, DisputeState.LOST})
_RANKS = {state: rank for rank, state in enumerate(DisputeState)}


@frozen(kw_only=True)
class Dispute:
    """A dispute as a provider tells it: its name there, where it stands, and how much it is about, in minor units of the payment's currency.

    `due_at` is by when evidence has to be there, where the shop may give some; `told_at` when the provider told this, by its own clock.
    """

    id: str = field(validator=text(least=1))
    state: DisputeState = field(validator=of(DisputeState))
    amount: int = field(validator=whole(least=0))
    told_at: datetime = field(validator=aware)
    reason: DisputeReason = field(default=DisputeReason.OTHER, validator=of(DisputeReason))
    due_at: datetime | None = field(default=None, validator=maybe(aware))

    @property
    def open(self) -> bool:
        """Whether it is undecided."""
        return self.state in _OPEN

    @property
    def to_answer(self) -> bool:
        """Whether the shop is asked for evidence."""
        return self.state in _TO_ANSWER

    def newer_than(self, known: Dispute) -> bool:
        """Whether it says what the known one does not, and is not older (DISPUTE-1)."""
        if evolve(self, told_at=known.told_at) == known:
            return False
        return (self.told_at, _RANKS[self.state]) >= (known.told_at, _RANKS[known.state])


def pending(disputes: Iterable[Dispute], charged_back: int) -> int:
    """What disputes may still take, in minor units, where so much was charged back (DISPUTE-2)."""
    return max(0, sum([it.amount for it in disputes if it.state in _TAKES]) - charged_back)


def is_news(known: Iterable[Dispute], told: Dispute) -> bool:
    """Whether what is told of a dispute changes what is known (DISPUTE-1)."""
    same = next((it for it in known if it.id == told.id), None)
    return same is None or told.newer_than(same)


def with_told(known: tuple[Dispute, ...], told: Dispute) -> tuple[Dispute, ...]:
    """The disputes with what was told of one of them in its place."""
    if all(it.id != told.id for it in known):
        return (*known, told)
    return tuple(told if it.id == told.id else it for it in known)
