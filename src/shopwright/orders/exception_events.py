"""What happens to an exception after it was noted (`ExceptionNoted`): who works on it, and how it ended. `exception` is its number in its order."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text, whole
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed


class How(StrEnum):
    """How an exception ended.

    `by_itself`: what was wrong is no more. `on_record`: it was noted for the record alone, and waited for nobody. The others are a person's word.
    """

    CORRECTED = "corrected"
    DELIVERED = "delivered"
    FOUND = "found"
    RESHIPPED = "reshipped"
    SUBSTITUTED = "substituted"
    BACKORDERED = "backordered"
    CANCELED = "canceled"
    REFUNDED = "refunded"
    COMPENSATED = "compensated"
    SETTLED = "settled"
    ACCEPTED = "accepted"
    MISTAKEN = "mistaken"
    BY_ITSELF = "by_itself"
    ON_RECORD = "on_record"


@frozen(kw_only=True)
class ExceptionAssigned:
    """Somebody works on it from now on: `owner` is their id, empty where it was given back to everybody."""

    exception: int = field(validator=whole(least=1))
    owner: str = field(validator=text())
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ExceptionResolved:
    """It is no more. With a vault the note is sealed: `sealed_note` holds it, and `note` is empty."""

    exception: int = field(validator=whole(least=1))
    how: How = field(validator=of(How))
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=text(most=1_000))
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class PromiseMoved:
    """It is promised for another time."""

    promised_at: datetime = field(validator=aware)
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CustomerTold:
    """The customer was told of it."""

    exception: int = field(validator=whole(least=1))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CompensationOwed:
    """The shop owes the customer something for it, once by this rule: minor units, points, or a coupon of a `batch`, as `gives` says."""

    exception: int = field(validator=whole(least=1))
    rule: str = field(validator=text(least=1, most=60))
    gives: str = field(validator=text(least=1, most=20))
    amount: int = field(validator=whole(least=0))
    at: datetime = field(validator=aware)
    batch: str = field(default="", validator=text())


@frozen(kw_only=True)
class CompensationGiven:
    """What was owed by a rule was given; `refused` is the code of the refusal where it was not, and a person decides."""

    exception: int = field(validator=whole(least=1))
    rule: str = field(validator=text(least=1, most=60))
    gives: str = field(validator=text(least=1, most=20))
    amount: int = field(validator=whole(least=0))
    at: datetime = field(validator=aware)
    refused: str = field(default="", validator=text())


@frozen(kw_only=True)
class ExceptionPutOff:
    """The shop looks at it again at `until`, or not by itself where there is no such moment."""

    exception: int = field(validator=whole(least=1))
    until: datetime | None = field(validator=maybe(aware))
    at: datetime = field(validator=aware)


ExceptionEvent = ExceptionAssigned | ExceptionResolved | PromiseMoved | CustomerTold | CompensationOwed | CompensationGiven | ExceptionPutOff
