"""What a carrier can do, as data: the flows read it before they ask, the contract kit checks it both ways."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from shopwright.edges import maybe, whole


def _countries(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _formats(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


@frozen(kw_only=True)
class CarrierCapabilities:
    """What one carrier, with one account, can do. What is not listed raises `Unsupported` before any I/O.

    `countries` of `None` means any destination. `max_weight_g` is per parcel. `volumetric_divisor` is in cubic centimeters per
    kilogram; `None` bills the actual weight. With `returns` it quotes and books the way back too (`RateRequest.returns`).
    """

    quote: bool = True
    book: bool = True
    void: bool = True
    pickup: bool = False
    manifest: bool = False
    returns: bool = False
    tracking_poll: bool = True
    tracking_push: bool = False
    multi_parcel: bool = True
    label_formats: frozenset[str] = field(default=frozenset({"pdf"}), converter=_formats)
    countries: frozenset[str] | None = field(default=None, converter=_countries)
    max_weight_g: int | None = field(default=None, validator=maybe(whole(least=1)))
    volumetric_divisor: int | None = field(default=None, validator=maybe(whole(least=1)))

    def delivers_to(self, country: str) -> bool:
        """Whether parcels can go to this country."""
        return self.countries is None or country in self.countries

    def carries(self, weight_g: int) -> bool:
        """Whether one parcel may weigh so much."""
        return self.max_weight_g is None or weight_g <= self.max_weight_g
