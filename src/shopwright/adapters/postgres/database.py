"""A PostgreSQL database by its url, for `shopwright.adapters.databases`."""

from __future__ import annotations

from shopwright.adapters.databases import Progress, Status
from shopwright.adapters.postgres.connections import Connections
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.schema import NEWEST, installed
from shopwright.adapters.postgres.storage import PostgresStorage, upgraded
from shopwright.adapters.tables import Installed, compare
from shopwright.ports.kinds import Kinds
from shopwright.wire.codec import Codec

SCHEMA = "shopwright"


def upgrade(url: str, kinds: Kinds, progress: Progress) -> None:
    """Make or bring up the schema."""
    place = Connections(url, least=0).place
    upgraded(url, Engine(Codec(kinds), schema=SCHEMA, place=place), progress=progress)


def status(url: str, kinds: Kinds) -> Status:
    """How the schema stands."""
    connections = Connections(url, least=0, most=1)
    engine = Engine(Codec(kinds), schema=SCHEMA, place=connections.place)
    try:
        with connections.lent() as cursor:
            there = installed(cursor, engine.schema)
    finally:
        connections.close()
    return Status(connections.place, there, NEWEST, compare(there or Installed(0), kinds, newest=NEWEST))


def open_storage(url: str, kinds: Kinds) -> PostgresStorage:
    """Open the schema as a storage."""
    return PostgresStorage.open(url, kinds=kinds)
