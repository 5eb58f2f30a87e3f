"""What the kit needs of an adapter under test: the adapter itself, what its provider knows, and a way to trouble the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from hypothesis import strategies as st

from shopwright.adapters.troubles import Trouble
from shopwright.money import Rounding
from shopwright.ports.tax import TaxEngine
from shopwright.pricing.tax import Prices, RoundingLevel, ShippingTax, TaxLine, TaxPolicy, TaxRequest
from shopwright.pricing.tax_rates import TaxPlace
from shopwright.testing.builders import NOON

SOON = timedelta(seconds=10)
"""How long the kit lets an engine think."""


class TaxStage(Protocol):
    """An engine, and the fake of its provider that tests can see behind it."""

    engine: TaxEngine
    classes: Sequence[str]
    """Tax classes that the provider knows at every one of the places, at least one."""
    places: Sequence[TaxPlace]
    """Where the provider knows rates, at least one place."""
    currency: str
    """A currency it reckons in."""
    secrets: Sequence[str]
    """What must never be printed; empty where there is nothing to hide."""

    def again(self) -> TaxEngine:
        """The same adapter as a new process would make it, at the same provider."""
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble."""
        ...


@st.composite
def requests(draw: st.DrawFn, stage: TaxStage) -> TaxRequest:
    """Anything that a shop may ask this engine."""
    classes = st.sampled_from(tuple(stage.classes))
    own = draw(st.sampled_from(("", draw(classes))))
    policy = TaxPolicy(
        prices=draw(st.sampled_from(Prices)),
        level=draw(st.sampled_from(RoundingLevel)),
        rounding=draw(st.sampled_from(Rounding)),
        shipping=ShippingTax.OWN_CLASS if own else ShippingTax.LIKE_GOODS,
        shipping_class=own,
    )
    amounts = st.one_of(st.just(0), st.integers(1, 50_000))
    numbers = draw(st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True))
    lines = tuple([TaxLine(number, draw(classes), draw(amounts), shipping=draw(amounts)) for number in sorted(numbers)])
    return TaxRequest(stage.currency, lines, place=draw(st.sampled_from(tuple(stage.places))), policy=policy, at=NOON, postcode="20457")


def a_request(stage: TaxStage, *lines: TaxLine) -> TaxRequest:
    """Two lines at the first place, exclusive, unless others are given."""
    given = lines or (TaxLine(1, stage.classes[0], 10_000, shipping=495), TaxLine(2, stage.classes[0], 999))
    return TaxRequest(stage.currency, given, place=stage.places[0], policy=TaxPolicy(prices=Prices.EXCLUSIVE), at=NOON)
