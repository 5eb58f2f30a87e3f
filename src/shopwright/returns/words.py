"""The words of a case: why goods are sent back, what somebody wants for them, how they are when they are here, and what becomes of them.

Each is a closed list, so that rules can name them and reports can count them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import of, text, whole
from shopwright.errors import InvalidValue
from shopwright.payments.card_numbers import no_card_number


class Why(StrEnum):
    """Why a customer is not content with goods."""

    CHANGED_MIND = "changed_mind"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_GOODS = "wrong_goods"
    MISSING = "missing"
    """The parcel came, and these units were not in it."""
    LOST = "lost"
    """The parcel never came; its shipment was given up for lost."""
    LATE = "late"
    OTHER = "other"


class Resolution(StrEnum):
    """What is done about units."""

    REFUND = "refund"
    """What was paid for them goes back, by the plan of `shopwright.orders` for a refund."""
    PARTIAL_REFUND = "partial_refund"
    """A part of what was paid for them goes back, and the customer keeps them."""
    REPLACE = "replace"
    """The same goods again, at no charge: a reship, where they never arrived."""
    EXCHANGE = "exchange"
    """Other goods for them; the difference in price is paid, or goes back."""
    REPAIR = "repair"
    STORE_CREDIT = "store_credit"
    POINTS = "points"
    REJECT = "reject"
    """Nothing; goods that are here go back to the customer."""


class Condition(StrEnum):
    """How units were found when they were inspected."""

    ACCEPTED = "accepted"
    """As they were sold."""
    USED = "used"
    DAMAGED = "damaged"
    NOT_AS_DESCRIBED = "not_as_described"
    """Not what the customer said of them, or other goods altogether."""
    LOST = "lost"
    """They were sent, and never came."""


class Disposition(StrEnum):
    """What becomes of units that came back."""

    RESTOCK = "restock"
    """They are for sale again."""
    QUARANTINE = "quarantine"
    """They are kept aside until somebody decides."""
    WRITE_OFF = "write_off"
    SEND_BACK = "send_back"
    """They go back to the customer."""


class EvidenceKind(StrEnum):
    """What a customer shows."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"


@frozen(kw_only=True)
class Evidence:
    """Something that a customer shows: the host keeps it, and `reference` is how the host finds it again. Never the thing itself."""

    kind: EvidenceKind = field(validator=of(EvidenceKind))
    reference: str = field(validator=no_card_number(least=1, most=500))


UNSEEN = frozenset({Why.LOST, Why.MISSING})
"""Reasons for goods that the customer does not have: nothing can come back."""

QUALITY = UNSEEN | {Why.DAMAGED, Why.DEFECTIVE, Why.NOT_AS_DESCRIBED, Why.WRONG_GOODS}
"""Reasons that are the shop's to answer for."""

BROKEN = frozenset({Why.DAMAGED, Why.DEFECTIVE})
"""Reasons that goods prove by being found damaged."""

GIVES_UP = frozenset({Resolution.REFUND, Resolution.REPLACE, Resolution.EXCHANGE, Resolution.STORE_CREDIT})
"""Resolutions by which the customer gives up goods that are with the shop again; for any other they are the customer's still."""

_RETURNS = frozenset({Resolution.REFUND, Resolution.REPLACE, Resolution.EXCHANGE, Resolution.REPAIR, Resolution.STORE_CREDIT})


@frozen(kw_only=True)
class Wish:
    """What a customer asks for: so many units of an order's line, why, and what should be done. `sku` names the other goods of an exchange."""

    line_no: int = field(validator=whole(least=1))
    units: int = field(validator=whole(least=1))
    why: Why = field(validator=of(Why))
    resolution: Resolution = field(default=Resolution.REFUND, validator=of(Resolution))
    sku: str = field(default="", validator=text(most=MAX_SKU))
    evidence: tuple[Evidence, ...] = field(default=())

    @evidence.validator
    def _shown(self, attribute: Any, value: Any) -> None:
        of(tuple)(self, attribute, value)
        for each in value:
            of(Evidence)(self, attribute, each)

    def __attrs_post_init__(self) -> None:
        if self.resolution is Resolution.REJECT:
            allowed = ", ".join(it.value for it in Resolution if it is not Resolution.REJECT)
            raise InvalidValue(f"a customer wishes for one of {allowed}; got reject")
        demand_sku(self.resolution, self.sku)

    @property
    def returns(self) -> bool:
        """Whether goods usually come back for it."""
        return self.why not in UNSEEN and self.resolution in _RETURNS


def demand_sku(resolution: Resolution, sku: str) -> None:
    """Raise `InvalidValue` unless an exchange, and nothing else, names other goods."""
    if (resolution is Resolution.EXCHANGE) != bool(sku):
        raise InvalidValue(f"an exchange, and nothing else, names other goods in `sku`; got {resolution.value} with {sku!r}")


@frozen(kw_only=True)
class Granted:
    """What the shop grants for a line of a case. `goods_back` says whether the goods have to come back first.

    `amount` is what goes back of a partial refund, in minor units of the order, or how many points are given.
    """

    no: int = field(validator=whole(least=1))
    resolution: Resolution = field(validator=of(Resolution))
    goods_back: bool = field(default=True, validator=of(bool))
    amount: int = field(default=0, validator=whole(least=0))
    sku: str = field(default="", validator=text(most=MAX_SKU))

    def __attrs_post_init__(self) -> None:
        demand_sku(self.resolution, self.sku)
        demand_amount(self.resolution, self.amount)
        if self.goods_back and self.resolution not in _RETURNS:
            raise InvalidValue(f"the customer keeps the goods when {self.resolution.value} is granted; say goods_back=False")


_TELLS_AMOUNT = frozenset({Resolution.PARTIAL_REFUND, Resolution.POINTS})


def demand_amount(resolution: Resolution, amount: int) -> None:
    """Raise `InvalidValue` unless a partial refund and points, and nothing else, come with an amount."""
    if (resolution in _TELLS_AMOUNT) != (amount > 0):
        raise InvalidValue(f"a partial refund and points say how much, and nothing else does; got {resolution.value} with {amount}")


@frozen(kw_only=True)
class Finding:
    """How some units of a line of a case were found, and what becomes of them."""

    no: int = field(validator=whole(least=1))
    units: int = field(validator=whole(least=1))
    condition: Condition = field(validator=of(Condition))
    disposition: Disposition = field(default=Disposition.QUARANTINE, validator=of(Disposition))


@frozen(kw_only=True)
class Outcome:
    """What was done in the end about some units of a line of a case; `amount` as in `Granted`, for all of these units together."""

    no: int = field(validator=whole(least=1))
    units: int = field(validator=whole(least=1))
    resolution: Resolution = field(validator=of(Resolution))
    amount: int = field(default=0, validator=whole(least=0))
    sku: str = field(default="", validator=text(most=MAX_SKU))

    def __attrs_post_init__(self) -> None:
        demand_sku(self.resolution, self.sku)
        demand_amount(self.resolution, self.amount)
