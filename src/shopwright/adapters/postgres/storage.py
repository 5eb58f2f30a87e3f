"""`PostgresStorage`: a shop's facts in a schema of a PostgreSQL database.

Rules
- a commit is one round trip: one call of a function made for the registered kinds, or, where functions are not allowed
  (`functions=False`), a few, with the same promises;
- with `durability="full"` (the default) a commit that returned is on disk; with `"normal"` the newest may be lost with the power, in order
  and never in part;
- threads share one storage; processes open one each; a pooler in transaction mode may stand between;
- opening checks the schema and changes nothing, unless `upgrade=True`;
- inside a host's transaction (`joined`) a changeset is a savepoint: a refusal undoes it and leaves the transaction usable, a
  conflict raises and nobody retries it, and only the host commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from shopwright.adapters.postgres import committing
from shopwright.adapters.postgres.calls import prepared
from shopwright.adapters.postgres.connections import Connections
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.hot import Hot, HotWithin
from shopwright.adapters.postgres.lenders import HostConnection, OwnConnections
from shopwright.adapters.postgres.reading import PostgresReads
from shopwright.adapters.postgres.upgrading import Progress, silent, upgrade
from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.edge import as_utc, check_limit, check_text
from shopwright.ports.kinds import Kinds
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.storage import Changeset, Committed
from shopwright.refusals import Refusal
from shopwright.wire.codec import Codec


class PostgresStorage(PostgresReads):
    """Implements `shopwright.ports.storage.Storage`; make it with `open`."""

    def __init__(self, engine: Engine, lender: committing.Lender, scope: str, hot: Hot | HotWithin | None = None) -> None:
        super().__init__(engine, lender, scope)
        self._hot = hot

    @classmethod
    def open(
        cls,
        conninfo: str,
        *,
        kinds: Kinds,
        schema: str = "shopwright",
        upgrade: bool = False,
        durability: str = "full",
        functions: bool = True,
        pool_min: int = 1,
        pool_max: int = 10,
        pooled: bool | None = None,
        lock_timeout: float = 10.0,
        ways: QuotaWays | None = None,
        progress: Progress = silent,
    ) -> PostgresStorage:
        """Open the shop in a database; with `upgrade=True` bring its schema up to this release and these kinds first.

        `conninfo` is a connection string or a postgresql:// url. `lock_timeout` is how many seconds a call waits for a lock, or for one of the
        `pool_max` connections, before it raises `StorageBusy`. `pooled` says whether a pooler stands between; by default that is found out.
        `ways` says which quotas are held first and which changesets are written in batches (`shopwright.ports.quota_ways`); both need the functions.
        Raises `SchemaMismatch` when the schema is missing, older or newer, and `StorageUnavailable` when the server cannot be reached.
        """
        connections = Connections(conninfo, least=pool_min, most=pool_max, wait=lock_timeout, pooled=pooled)
        engine = Engine(Codec(kinds), schema=schema, place=connections.place)
        lender = OwnConnections(connections, durability=durability, lock_timeout=lock_timeout, functions=functions)
        hot = Hot(ways, lender, engine) if ways is not None and ways.by_pattern else None
        try:
            if upgrade:
                upgraded(conninfo, engine, functions=functions, pooled=pooled, progress=progress)
            connections.open()
            with connections.lent() as cursor:
                engine.look(cursor, functions=functions)
        except BaseException:
            connections.close()
            raise
        return cls(engine, lender, "", hot)

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Write all of it or nothing; see `Storage.commit` for what is refused and what raises."""
        engine = self._engine
        ready = prepared(self._scope, change, engine.kinds, engine.table_by_type, engine.codec)
        if self._hot is not None and change.moves:
            return self._hot.commit(self._lender, ready)
        return committing.commit(self._lender, engine, ready)

    def prune(self, *, before: datetime, limit: int = 1_000) -> int:
        """Forget operations and reclaimed holds older than this, at most `limit` of each; returns how many went."""
        then = as_utc("before", before)
        check_limit(limit)
        with self._lender.lent() as cursor:
            row = cursor.execute(self._engine.sql.prune, {"scope": self._scope, "before": then, "limit": limit}).fetchone()
        return int(row[0]) if row else 0

    def scoped(self, scope: str) -> PostgresStorage:
        """The same store, seen by one tenant; raises `NotSupportedHere` on a view that is scoped already."""
        check_text("scope", scope)
        if self._scope:
            raise NotSupportedHere(f"scopes do not nest: this view is scoped to {self._scope!r} already; scope the storage itself")
        return PostgresStorage(self._engine, self._lender, scope, self._hot)

    def joined(self, connection: psycopg.Connection[Any]) -> PostgresStorage:
        """This storage inside the transaction of a host's own connection to the same database, for the thread that uses it.

        It sees what the host wrote, and what it writes the host commits or rolls back. `VersionConflict` and `StorageBusy` are the host's to
        answer: roll back, begin again. Raises `InvalidValue` for anything but a psycopg connection.
        """
        if not isinstance(connection, psycopg.Connection):
            raise InvalidValue(f"expected a psycopg.Connection, got {type(connection).__name__}")
        lender = HostConnection(connection, place=self._engine.place, functions=self._lender.functions)
        return PostgresStorage(self._engine, lender, self._scope, None if self._hot is None else self._hot.within())

    def close(self) -> None:
        """Close the connections; a scoped or a joined view only borrows them and closes nothing."""
        if not self._scope:
            self._lender.close()

    def __repr__(self) -> str:
        scope = f", scope {self._scope!r}" if self._scope else ""
        return f"<PostgresStorage on {self._engine.place}, schema {self._engine.schema}{scope}>"


def upgraded(conninfo: str, engine: Engine, *, functions: bool = True, pooled: bool | None = None, progress: Progress = silent) -> None:
    """Upgrade over two connections of its own: one works, one keeps others from building the same indexes."""
    connections = Connections(conninfo, least=0, most=2, pooled=pooled)
    try:
        upgrade(connections, engine, functions=functions, progress=progress)
    finally:
        connections.close()
