"""A carrier with one price: real enough for a shop that ships at a flat rate, scripted enough for tests and demos.

    carrier = FlatRate(rate=Money.of("4.90", "EUR"), clock=clock)
    carrier.script(number, TrackEvent(at=..., status=TrackStatus.DELIVERED))        # the driver with the scanner

`carrier.desk` is the other side: what was booked, what is pushed, and `desk.script("book", "lost_applied")` for the answer that
never comes back. Several carriers may share one `CarrierDesk`; with `path` it lives in a file for several processes, and a shop
that really ships should give one: without it, what was booked is forgotten with the process. Numbers and references are made from
the booking's key, so that they are never given out twice either way.
"""

from __future__ import annotations

from shopwright.adapters.flat_rate.carrier import FlatRate
from shopwright.adapters.flat_rate.desk import CarrierDesk
from shopwright.adapters.flat_rate.settings import FlatRateSettings, Per, Tariff

__all__ = ["CarrierDesk", "FlatRate", "FlatRateSettings", "Per", "Tariff"]
