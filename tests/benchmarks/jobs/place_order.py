"""Place an order of five lines with a coupon: load the inputs, price, write. One connection; an fsync per order unless the row says NORMAL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.benchmarks import ours, work
from tests.benchmarks.by_hand import naive, postgres, row_by_row, sqlite
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import Bench, Local, Remote, Side

CHECKED = 5
ORMS = {"SQLAlchemy ORM": "tests.benchmarks.peers.sqlalchemy_orm", "Django ORM": "tests.benchmarks.peers.django_orm"}


def rows(session: Session) -> list[Row]:
    """SQLite at both durabilities, and PostgreSQL."""
    return [*on_sqlite(session, "full"), *on_sqlite(session, "normal"), *on_postgres(session)]


def on_sqlite(session: Session, durability: str) -> list[Row]:
    """Each side has a file of its own."""

    def local(name: str, opened: Callable[..., Bench]) -> Callable[[], Side]:
        return lambda: Local(name, opened(session.path("orders.sqlite"), durability))

    peers = {
        "SQL by hand, same strategy": local("by hand", sqlite.same_strategy),
        "SQL by hand, naive, fewer facts": local("naive", naive.open_sqlite),
    }
    if durability == "full":
        for name, module in ORMS.items():
            peers[name] = partial(orm_on_sqlite, session, name, module)
    scale = f"SQLite, {durability.upper()}, 5 lines"
    return session.run(race(scale, local("ours", ours.on_sqlite), peers))


def orm_on_sqlite(session: Session, name: str, module: str) -> Side:
    """An ORM in a process of its own."""
    return Remote(name, module, url=f"sqlite:///{session.path('orm.sqlite')}")


def on_postgres(session: Session) -> list[Row]:
    """Each side has a database of its own on the same server."""

    def local(name: str, opened: Callable[[str], Bench]) -> Callable[[], Side]:
        return lambda: Local(name, opened(session.database()))

    peers = {
        "SQL by hand, same strategy": local("by hand", postgres.same_strategy),
        "SQL by hand, naive": local("a statement per row", row_by_row.statement_per_row),
        "SQL by hand, naive, fewer facts": local("naive", naive.open_postgres),
    }
    for name, module in ORMS.items():
        peers[name] = lambda name=name, module=module: Remote(name, module, url=f"postgresql:{session.database()}")
    return session.run(race("PostgreSQL, FULL, 5 lines", local("ours", ours.on_postgres), peers))


def race(scale: str, mine: Callable[[], Side], peers: dict[str, Callable[[], Side]]) -> Race:
    """All sides must answer, and hold, what was worked out apart from them."""
    return Race("place-order", scale, "orders/s", mine, peers, check=CHECKED, expected=work.expected(CHECKED))
