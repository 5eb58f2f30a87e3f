"""Place an order of five lines with a coupon, against django-oscar: load, price, write, an fsync per order, on both databases.

Prices are whole euro, of which 10 % needs no rounding, because Oscar rounds discounts in a way of its own. One race more has a hundred
offers running for other goods, as a shop of some size has: no price changes by them, but each has to be thought of.
"""

from __future__ import annotations

from tests.benchmarks import ours, work
from tests.benchmarks.rows import Row, skipped
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import Local, Remote

CHECKED = 3
LEFT_OUT = "Oscar takes long to begin, or for an order; a full run has this row"


def rows(session: Session) -> list[Row]:
    """One row per database."""
    sqlite = Race(
        "place-order",
        "SQLite, FULL, 5 lines, round prices",
        "orders/s",
        lambda: Local("ours", ours.on_sqlite(session.path("ours.sqlite"), "full", round_prices=True)),
        {"django-oscar": lambda: Remote("django-oscar", "tests.benchmarks.peers.oscar", url=f"sqlite:///{session.path('oscar.sqlite')}")},
        CHECKED,
        work.expected(CHECKED, round_prices=True),
    )
    postgres = Race(
        "place-order",
        "PostgreSQL, FULL, 5 lines, round prices",
        "orders/s",
        lambda: Local("ours", ours.on_postgres(session.database(), round_prices=True)),
        {"django-oscar": lambda: Remote("django-oscar", "tests.benchmarks.peers.oscar", url=f"postgresql:{session.database()}")},
        CHECKED,
        work.expected(CHECKED, round_prices=True),
    )
    offers = work.LIVE_OFFERS
    busy = Race(
        "place-order",
        f"SQLite, FULL, 5 lines, round prices, {offers} live offers",
        "orders/s",
        lambda: Local("ours", ours.on_sqlite(session.path("ours.sqlite"), "full", round_prices=True, offers=offers)),
        {
            "django-oscar": lambda: Remote(
                "django-oscar", "tests.benchmarks.peers.oscar", url=f"sqlite:///{session.path('oscar.sqlite')}", offers=offers
            )
        },
        CHECKED,
        work.expected(CHECKED, round_prices=True),
    )
    if session.plan is QUICK:
        left_out = [skipped(race.job, "django-oscar", race.scale, race.unit, LEFT_OUT) for race in (busy, postgres)]
        return [*session.run(sqlite), *left_out]
    return [*session.run(sqlite), *session.run(busy), *session.run(postgres)]
