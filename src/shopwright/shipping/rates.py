"""What sending costs: the question, the rates a carrier offers, and the problems that kept it from offering more.

Rules
- the charges of a rate sum to its total; a discount is a negative charge;
- a rate belongs to the request it was quoted for, and is good until `valid_until`;
- what a carrier cannot carry is a `Problem` beside the rates, never an exception: one carrier's trouble hides no other's rate.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, members, of, text, texts, whole
from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money import Money
from shopwright.shipping.parcels import Parcel, Party


@frozen(kw_only=True)
class RateRequest:
    """What shall be sent, from where to where and when. No `services` means all; no `currency` means the carrier's own.

    With `returns` it is the way back: from the buyer to the shop, with a label that the shop hands to the buyer.
    """

    origin: Party = field(validator=of(Party))
    destination: Party = field(validator=of(Party))
    parcels: tuple[Parcel, ...] = field(validator=members(Parcel, least=1))
    ship_at: datetime = field(validator=aware)
    services: tuple[str, ...] = field(default=(), validator=texts(least=1))
    currency: str = field(default="", validator=text(most=3))
    returns: bool = field(default=False, validator=of(bool))


@frozen
class Charge:
    """A part of a price. `kind` is base, fuel, remote, tax, insurance or discount; a discount is negative, the others are not."""

    kind: str = field(validator=text(least=1))
    amount: Money = field(validator=of(Money))

    def __attrs_post_init__(self) -> None:
        if (self.amount.minor < 0) != (self.kind == "discount") and self.amount.minor != 0:
            raise InvalidValue(f"a discount is negative and every other charge is not, got {self.kind} of {self.amount}")


@frozen(kw_only=True)
class Rate:
    """One way to send it: its price with the charges it is made of, the weight that is billed, and how long it takes in days."""

    rate_ref: str = field(validator=text(least=1))
    carrier: str = field(validator=text(least=1))
    service: str = field(validator=text(least=1))
    total: Money = field(validator=of(Money))
    charges: tuple[Charge, ...] = field(validator=members(Charge, least=1))
    billed_weight_g: int = field(validator=whole(least=0))
    min_days: int | None = field(default=None, validator=maybe(whole(least=0)))
    max_days: int | None = field(default=None, validator=maybe(whole(least=0)))
    valid_until: datetime | None = field(default=None, validator=maybe(aware))

    def __attrs_post_init__(self) -> None:
        if any(charge.amount.currency != self.total.currency for charge in self.charges):
            raise CurrencyMismatch(f"the charges of a rate are in the currency of its total, {self.total.currency}")
        parts = sum(charge.amount.minor for charge in self.charges)
        if parts != self.total.minor:
            raise InvalidValue(f"the charges of a rate must sum to its total of {self.total}, got {Money(parts, self.total.currency)}")
        if self.min_days is not None and self.max_days is not None and self.min_days > self.max_days:
            raise InvalidValue(f"a rate takes min_days to max_days, got {self.min_days} to {self.max_days}")

    def expired(self, *, at: datetime) -> bool:
        """Whether it is too late to book it; quote again then."""
        return self.valid_until is not None and at > self.valid_until


@frozen(kw_only=True)
class Problem:
    """Why a carrier has no answer to a part of the question: a stable code and a sentence. `retryable` when later may go better."""

    carrier: str = field(validator=text(least=1))
    code: str = field(validator=text(least=1))
    message: str = field(default="", validator=text(most=1_000))
    retryable: bool = False


@frozen
class RateQuote:
    """All that one carrier offers for a request."""

    rates: tuple[Rate, ...] = field(validator=members(Rate))
    problems: tuple[Problem, ...] = field(default=(), validator=members(Problem))

    @property
    def cheapest(self) -> Rate | None:
        """The rate with the smallest total, ties by service and reference; `None` when there is none. All are in one currency."""
        return min(self.rates, key=lambda rate: (rate.total.minor, rate.service, rate.rate_ref), default=None)
