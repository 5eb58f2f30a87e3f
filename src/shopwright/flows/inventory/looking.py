"""Read stock back: how it stands, what happened to it, what it is worth, and what an order took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import frozen

from shopwright.flows.checking import moment
from shopwright.flows.inventory.saving import read_shelves
from shopwright.flows.ports import Ports
from shopwright.inventory.keys import place_key
from shopwright.inventory.place_stock import PlaceStock, StockStanding, standing_of
from shopwright.inventory.sold import SoldGoods
from shopwright.ports.edge import check_ids, check_text
from shopwright.ports.storage import START, Match, Query, Recorded, Where
from shopwright.wire.stock_kinds import STOCK

PAGE = 500


@frozen(kw_only=True)
class StockValue:
    """What stock is worth, in minor units: what is there, and what left has cost."""

    units: int = 0
    value: int = 0
    spent: int = 0


def standings(ports: Ports, skus: Iterable[str], *, places: Sequence[str] | None = None, at: datetime) -> dict[str, tuple[StockStanding, ...]]:
    """How skus stand at each place, all places of the shop unless some are named, from one reading of their quotas.

    Raises `InvalidValue` for what is no sku.
    """
    names = places_of(ports) if places is None else tuple(places)
    wanted = check_ids("skus", skus)
    shelves = read_shelves(ports, [place_key(place, sku) for sku in wanted for place in names], at=moment(at))
    found = {key: standing_of(shelf.stock, shelf.guarded) for key, (shelf, _) in shelves.items()}
    return {sku: tuple([found[place_key(place, sku)] for place in names]) for sku in wanted}


def places_of(ports: Ports) -> tuple[str, ...]:
    """The names of the places of a shop."""
    return ("",) if ports.places is None else ports.places.names


def movements(ports: Ports, place: str, sku: str) -> tuple[Recorded, ...]:
    """All that happened to a stock and was told of it, oldest first. Raises `InvalidValue` for what is no sku."""
    return tuple(records(ports, place, sku))


def records(ports: Ports, place: str, sku: str) -> Iterator[Recorded]:
    """As `movements`, page by page."""
    key, after = place_key(place, sku), START
    check_text("key of stock", key)
    while page := ports.storage.read(STOCK, after=after, limit=PAGE, key=key):
        yield from page
        after = page[-1].position


def sold_of(ports: Ports, order_id: str) -> SoldGoods:
    """What is booked of an order: the stocks, the lots and the cost of what it took; nothing before it was followed."""
    check_text("order id", order_id)
    stored = ports.storage.load(SoldGoods, order_id)
    return SoldGoods(order_id) if stored is None else stored.value


def value_of(ports: Ports, *, place: str | None = None, skus: Iterable[str] | None = None) -> StockValue:
    """What stock is worth: of all places or one, of all skus or some. Reads one row for each place and sku."""
    wanted = None if skus is None else frozenset(check_ids("skus", skus))
    where = () if place is None else (Where("place", Match.EQUAL, place),)
    after, units, value, spent = "", 0, 0, 0
    while True:
        page = ports.storage.find(Query(PlaceStock, where=where, limit=PAGE, after=after))
        for stored in page.items:
            if wanted is None or stored.value.sku in wanted:
                worth = stored.value.worth
                units, value, spent = units + worth.units, value + worth.value, spent + worth.spent
        if not page.next:
            return StockValue(units=units, value=value, spent=spent)
        after = page.next
