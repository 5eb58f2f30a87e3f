"""What a shop shows a bank when a buyer disputes a payment: named texts, the same for every provider; each adapter knows its own words for them.

Files are given at the provider's own desk. Texts of evidence are personal: they go to the provider and are kept nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import text
from shopwright.errors import InvalidValue
from shopwright.payments.card_numbers import demand_no_card_number


class EvidencePart(StrEnum):
    """What a text of evidence tells."""

    EXPLANATION = "explanation"
    GOODS = "goods"
    """What was sold."""
    BUYER_NAME = "buyer_name"
    BUYER_EMAIL = "buyer_email"
    BUYER_IP = "buyer_ip"
    BUYER_SIGNED_FOR = "buyer_signed_for"
    """What the buyer has accepted or used since."""
    SHIPPED_ON = "shipped_on"
    SHIPPED_TO = "shipped_to"
    CARRIER = "carrier"
    TRACKING_NUMBER = "tracking_number"
    REFUND_POLICY = "refund_policy"
    REFUND_REFUSED = "refund_refused"
    """Why the buyer got no refund."""
    DUPLICATE_OF = "duplicate_of"
    """The other payment that the buyer takes it for."""


Texts = tuple[tuple[EvidencePart, str], ...]


def _sorted(given: Mapping[EvidencePart, str] | Iterable[tuple[EvidencePart, str]]) -> Texts:
    try:
        return tuple(sorted(dict(given).items()))
    except (TypeError, ValueError):
        raise InvalidValue(f"Evidence.texts must be a mapping from EvidencePart to text, got {type(given).__name__}") from None


@frozen
class Evidence:
    """Texts by what they tell, each to 20,000 characters; it shows none of them."""

    texts: Texts = field(converter=_sorted, repr=False)

    @texts.validator
    def _are_texts(self, attribute: Any, value: Texts) -> None:
        if not value:
            raise InvalidValue("Evidence.texts must have one text or more; got none")
        for part, given in value:
            if not isinstance(part, EvidencePart):
                raise InvalidValue(f"Evidence.texts are named by one of {', '.join(EvidencePart)}; got {part!r}")
            text(least=1, most=20_000)(self, attribute, given)
            demand_no_card_number(f"Evidence.{part.value}", given)

    @property
    def parts(self) -> tuple[EvidencePart, ...]:
        """What it tells."""
        return tuple(part for part, _ in self.texts)
