"""What a shop says of its places when it is opened."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.inventory import Keeping, Location, OnShelf, Place, Places, Rate, Zone
from shopwright.members.addresses import Address

HAMBURG = Place("hamburg", rates=(Rate("DE", parcel=490),))
LYON = Place("lyon", rates=(Rate("FR", parcel=590), Rate("DE", parcel=990)))


def address(country: str, *, region: str = "", postcode: str = "") -> Address:
    return Address("Ann", country=country, region=region, postcode=postcode)


def test_a_zone_is_the_country_where_none_is_named():
    assert Places((HAMBURG,)).zone_of(address("DE")) == "DE"


def test_the_zone_that_says_most_about_an_address_counts():
    zones = (
        Zone("mainland", "DE"),
        Zone("south", "DE", regions=("BY", "BW")),
        Zone("islands", "DE", postcodes=("259", "26")),
        Zone("sylt", "DE", postcodes=("2599",)),
    )
    places = Places((HAMBURG,), zones=zones)
    asked = (address("DE"), address("DE", region="BY"), address("DE", postcode="26465"), address("DE", postcode="25997"), address("AT"))
    assert [places.zone_of(it) for it in asked] == ["mainland", "south", "islands", "sylt", "AT"]


def test_a_sku_is_kept_as_it_is_named_and_else_as_all():
    places = Places((HAMBURG,), keeping=Keeping(low=5), skus={"milk": Keeping(safety=2)}, in_lots=("milk",))
    assert [places.keeping_of(sku) for sku in ("milk", "mug")] == [Keeping(safety=2), Keeping(low=5)]
    assert [places.has_lots(sku) for sku in ("milk", "mug")] == [True, False]


def test_the_planner_reads_what_is_free_at_each_place_with_the_rates_of_the_place():
    places = Places((HAMBURG, LYON), keeping=Keeping(low=3))
    assert places.keys(("mug", "pot", "mug")) == ("stock@hamburg/mug", "stock@lyon/mug", "stock@hamburg/pot", "stock@lyon/pot")
    free = {"stock@hamburg/mug": 4, "stock@lyon/mug": 0, "stock@lyon/pot": 2}
    assert places.locations(("mug", "pot"), free) == (
        Location("hamburg", stock=(OnShelf("mug", 4, target=3),), rates=HAMBURG.rates),
        Location("lyon", stock=(OnShelf("pot", 2, target=3),), rates=LYON.rates),
    )


def test_places_and_zones_are_named_once_and_places_without_a_slash():
    wrong = (
        (lambda: Places(()), "must have at least 1 members"),
        (lambda: Places((HAMBURG, HAMBURG)), "expected each place once, got hamburg, hamburg"),
        (lambda: Places((HAMBURG,), zones=(Zone("a", "DE"), Zone("a", "AT"))), "expected each zone once, got a, a"),
        (lambda: Place("ham/burg"), "must hold no slash"),
        (lambda: Place("h", rates=(Rate("DE"), Rate("DE"))), "must have one rate for a zone, got DE, DE"),
        (lambda: Places((HAMBURG,), skus={"milk": 3}), "expected a Keeping for milk, got int"),
        (lambda: Places((HAMBURG,), skus=3), "expected how skus are kept as a mapping"),
    )
    for make, said in wrong:
        with pytest.raises(InvalidValue, match=said):
            make()
