"""The PostgreSQL of a run: one server, an empty database for each store, and every setting that durability hangs on at its safe default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from tests.benchmarks.sides import PeerMissing, peer

SETTINGS = {"shared_buffers": "512MB", "autovacuum": "off", "checkpoint_timeout": "30min"}
"""What may be set without touching what a commit promises."""


@frozen
class Server:
    """A running server."""

    conninfo: str

    def database(self, name: str) -> str:
        """The address of a new, empty database."""
        with peer("psycopg").connect(self.conninfo, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.conninfo.replace("dbname=postgres", f"dbname={name}")


@contextmanager
def started() -> Iterator[Server]:
    """A server with `fsync` and `synchronous_commit` on; raises `PeerMissing` where none can be started."""
    from shopwright.testing import postgres

    reason = postgres.missing()
    if reason:
        raise PeerMissing(reason)
    with postgres.LocalPostgres(settings=SETTINGS) as server:
        yield Server(server.conninfo)
