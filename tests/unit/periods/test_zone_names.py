"""Zones that are stored have a name that everybody knows."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from shopwright.errors import InvalidValue
from shopwright.periods import zone_name


@pytest.mark.parametrize(("zone", "name"), [("Europe/Berlin", "Europe/Berlin"), (ZoneInfo("Asia/Tokyo"), "Asia/Tokyo"), (UTC, "UTC"), ("UTC", "UTC")])
def test_a_zone_is_stored_by_its_name(zone, name):
    assert zone_name(zone) == name


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=1)), "Moon/Base"])
def test_a_zone_that_nobody_knows_by_name_cannot_be_stored(zone):
    with pytest.raises(InvalidValue, match="a name of the IANA database"):
        zone_name(zone)
