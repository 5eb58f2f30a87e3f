"""What happens to a referral. Its history is these events, and each has `at`, the moment from which it counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware, identifier, members, of, text, whole
from shopwright.members.actors import SYSTEM, Actor


class Side(StrEnum):
    """Whose reward it is."""

    ADVOCATE = "advocate"
    """Who referred somebody."""
    REFEREE = "referee"
    """Who was referred."""


class Signal(StrEnum):
    """What two members have in common, as the host knows it."""

    PAYMENT = "payment"
    """A card or an account that both paid with."""
    ADDRESS = "address"
    DEVICE = "device"
    CONTACT = "contact"
    """An e-mail address or a telephone number, but for what people add to it."""
    NETWORK = "network"
    """An address on the network, which whole offices and villages share."""


class RejectReason(StrEnum):
    """Why a referral counts no more."""

    SIGNALS = "signals"
    """Advocate and referee have in common what the program does not allow."""
    NOT_NEW = "not_new"
    """The referee had bought before."""
    FRAUD = "fraud"
    """A person found out."""
    OTHER = "other"


@frozen(kw_only=True)
class ReferralStarted:
    """Somebody came by the word of an advocate; `signals` is what they had in common then, and the program allows."""

    signals: tuple[Signal, ...] = field(default=(), validator=members(Signal))
    by: Actor = field(default=SYSTEM, validator=of(Actor))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralQualified:
    """The referee paid an order that counts, of so many minor units."""

    order_id: str = field(validator=identifier())
    amount: int = field(validator=whole(least=0))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralHeld:
    """The order is complete; until this moment it can be returned."""

    until: datetime = field(validator=aware)
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class RewardGiven:
    """One side gets its points: `desired` by the program, `granted` under its caps."""

    side: Side = field(validator=of(Side))
    desired: int = field(validator=whole(least=0))
    granted: int = field(validator=whole(least=0))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralRewarded:
    """The hold is over: it has brought what it could."""

    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralUnqualified:
    """The order went back before anybody got anything for it; another can take its place."""

    order_id: str = field(validator=identifier())
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class RewardTakenBack:
    """One side loses its points again."""

    side: Side = field(validator=of(Side))
    points: int = field(validator=whole(least=0))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralClawedBack:
    """The order went back after somebody had got something for it."""

    order_id: str = field(validator=identifier())
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralRejected:
    """It counts no more, with the reason and who says so; `signals` are those that it was rejected for."""

    reason: RejectReason = field(validator=of(RejectReason))
    signals: tuple[Signal, ...] = field(default=(), validator=members(Signal))
    note: str = field(default="", validator=text(most=1_000))
    by: Actor = field(default=SYSTEM, validator=of(Actor))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReferralExpired:
    """The referee bought nothing that counts in time."""

    at: datetime = field(validator=aware)


ReferralEvent = (
    ReferralStarted
    | ReferralQualified
    | ReferralHeld
    | RewardGiven
    | ReferralRewarded
    | ReferralUnqualified
    | RewardTakenBack
    | ReferralClawedBack
    | ReferralRejected
    | ReferralExpired
)
