"""The places where a shop keeps goods, as it is told when it is opened: what shipping from each costs, to which zone an address belongs, and how
the stock of each sku is kept.

    places = Places(
        (Place("hamburg", rates=(Rate("DE", parcel=490),)), Place("lyon", rates=(Rate("FR", parcel=590), Rate("DE", parcel=990)))),
        keeping=Keeping(low=5),
        skus={"milk": Keeping(safety=2, low=10)},
        in_lots={"milk"},
    )

Rules
- it says nothing of what is there: that is counted by quotas, one for each place and sku (`shopwright.inventory.keys`);
- a zone is named by what it takes in; of those that take an address in, the one that says most about it counts, and where none does the zone is the
  country;
- a shop may open more places, and close some: stock at a place that is not named any more stays counted, and is not planned with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from shopwright.edges import identifier, members, of, text, texts
from shopwright.errors import InvalidValue
from shopwright.inventory.keys import place_key, place_name
from shopwright.inventory.locations import Location, OnShelf, Rate
from shopwright.inventory.planning import CHEAPEST
from shopwright.inventory.plans import Policy
from shopwright.inventory.stock import Keeping
from shopwright.inventory.valuing import Costing
from shopwright.members.addresses import Address


@frozen
class Place:
    """A place that ships: its name, without a slash, and what a parcel from there costs to each zone that it ships to."""

    id: str = field(validator=place_name)
    rates: tuple[Rate, ...] = field(default=(), validator=members(Rate), kw_only=True)

    def __attrs_post_init__(self) -> None:
        zones = [rate.zone for rate in self.rates]
        if len(set(zones)) < len(zones):
            raise InvalidValue(f"place {self.id} must have one rate for a zone, got {', '.join(zones)}")


@frozen
class Zone:
    """Addresses that cost the same to ship to: a country (ISO 3166-1 alpha-2), and of it some regions, or postcodes that begin alike. Those that
    are empty take all in.
    """

    id: str = field(validator=identifier())
    country: str = field(validator=text(least=2, most=2))
    regions: tuple[str, ...] = field(default=(), validator=texts(least=1), kw_only=True)
    postcodes: tuple[str, ...] = field(default=(), validator=texts(least=1, most=32), kw_only=True)

    def fit(self, address: Address) -> int:
        """How well it takes the address in: 0 not at all, and more the more it says."""
        if self.country != address.country or (self.regions and address.region not in self.regions):
            return 0
        begins = [len(begin) for begin in self.postcodes if address.postcode.startswith(begin)]
        if self.postcodes and not begins:
            return 0
        return 1 + bool(self.regions) + max(begins, default=0) * 2


def _keepings(skus: Mapping[str, Keeping] | Iterable[tuple[str, Keeping]]) -> tuple[tuple[str, Keeping], ...]:
    try:
        return tuple(sorted(dict(skus).items()))
    except (TypeError, ValueError):
        raise InvalidValue(f"expected how skus are kept as a mapping of sku to Keeping, got {type(skus).__name__}") from None


def _skus(skus: Iterable[str]) -> frozenset[str]:
    return frozenset((skus,)) if isinstance(skus, str) else frozenset(skus)


@frozen
class Places:
    """All places of a shop. `keeping` is how a sku is kept that `skus` do not name, at each place alike; `in_lots` are those whose goods expire or
    have serial numbers. Raises `InvalidValue` for no place, and for a place or a zone that is named twice.
    """

    places: tuple[Place, ...] = field(validator=members(Place, least=1))
    zones: tuple[Zone, ...] = field(default=(), validator=members(Zone), kw_only=True)
    policy: Policy = field(default=CHEAPEST, validator=of(Policy), kw_only=True)
    keeping: Keeping = field(default=Keeping(), validator=of(Keeping), kw_only=True)
    skus: tuple[tuple[str, Keeping], ...] = field(default=(), converter=_keepings, kw_only=True)
    in_lots: frozenset[str] = field(default=frozenset(), converter=_skus, kw_only=True)
    costing: Costing = field(default=Costing.FIFO, validator=of(Costing), kw_only=True)
    _by_sku: Mapping[str, Keeping] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for what, ids in (("place", self.names), ("zone", tuple([zone.id for zone in self.zones]))):
            if len(set(ids)) < len(ids):
                raise InvalidValue(f"expected each {what} once, got {', '.join(ids)}")
        for sku, keeping in self.skus:
            if not isinstance(keeping, Keeping):
                raise InvalidValue(f"expected a Keeping for {sku}, got {type(keeping).__name__}")
        object.__setattr__(self, "_by_sku", dict(self.skus))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the places, as they were given."""
        return tuple([place.id for place in self.places])

    def keeping_of(self, sku: str) -> Keeping:
        """How a sku is kept."""
        return self._by_sku.get(sku, self.keeping)

    def has_lots(self, sku: str) -> bool:
        """Whether a sku is kept in lots."""
        return sku in self.in_lots

    def zone_of(self, address: Address) -> str:
        """The zone that an address is in, its country where no zone takes it in."""
        best = max(self.zones, key=lambda zone: zone.fit(address), default=None)
        return best.id if best is not None and best.fit(address) else address.country

    def keys(self, skus: Iterable[str]) -> tuple[str, ...]:
        """The keys of the quotas that count these skus, at all places."""
        return tuple([place_key(place.id, sku) for sku in dict.fromkeys(skus) for place in self.places])

    def locations(self, skus: Iterable[str], free: Mapping[str, int]) -> tuple[Location, ...]:
        """What the planner reads: all places, with what is free of these skus there, by the key of the quota; nothing is where none is told."""
        wanted = tuple(dict.fromkeys(skus))
        return tuple([Location(place.id, stock=self._shelf(place, wanted, free), rates=place.rates) for place in self.places])

    def _shelf(self, place: Place, skus: tuple[str, ...], free: Mapping[str, int]) -> tuple[OnShelf, ...]:
        left = [(sku, free.get(place_key(place.id, sku), 0)) for sku in skus]
        return tuple([OnShelf(sku, units, target=self.keeping_of(sku).low) for sku, units in left if units > 0])
