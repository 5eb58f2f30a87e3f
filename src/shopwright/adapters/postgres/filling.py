"""Fills the index columns of rows that were written for other indexes: by an older release, before or after an upgrade.

Rules
- every row remembers for which indexes it was written (`_layout`); the commit functions of older releases go on writing theirs;
- a batch is one transaction; a row that somebody changes meanwhile is theirs, and is looked at again;
- rows are decoded as any others are, so old shapes are lifted; the body and the version stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.sessions import Session
from shopwright.adapters.postgres.statements import DocumentStatements
from shopwright.errors import SchemaMismatch, UndecodableDocument

BATCH = 500

Place = tuple[str, str]
"""Scope and id of the last row that was looked at."""


def fill_outdated(session: Session, cursor: Cursor, engine: Engine, table: str) -> None:
    """Fill what older processes have written since the upgrade, if they have."""
    statements = engine.documents[table]
    stale = cursor.execute(statements.stale).fetchone()
    if stale is not None and stale[0]:
        fill(session, engine, statements)


def fill(session: Session, engine: Engine, statements: DocumentStatements, told: Callable[[int], None] | None = None) -> None:
    """Fill every outdated row, batch by batch; `told` hears how many rows each batch had."""
    after: Place | None = ("", "")
    while after is not None:
        try:
            after, count = _batch(session, engine, statements, after)
        except BaseException:
            session.undone()
            raise
        if told is not None:
            told(count)


def _batch(session: Session, engine: Engine, statements: DocumentStatements, after: Place) -> tuple[Place | None, int]:
    rows = session.start([(statements.outdated, (*after, BATCH))])[0].fetchall()
    updates = [(statements.refill, _refilled(engine, statements, *row)) for row in rows]
    try:
        session.end(updates)
    except psycopg.errors.UniqueViolation as error:
        raise unique_broken(engine, statements, error) from error
    return (rows[-1][:2] if rows else None), len(rows)


def _refilled(engine: Engine, statements: DocumentStatements, scope: str, id: str, version: int, shape: int, body: str) -> tuple[Any, ...]:
    kind = statements.table.kind
    try:
        values = statements.table.values(engine.codec.load(kind, shape, body))
    except UndecodableDocument as error:
        raise UndecodableDocument(f"{kind.name} {id!r} cannot be indexed: {error}") from error
    return (*values, scope, id, version)


def unique_broken(engine: Engine, statements: DocumentStatements, error: psycopg.Error) -> SchemaMismatch:
    """What to raise when documents share a value that this release wants to be unique."""
    told = " ".join((error.diag.message_detail or str(error)).split())
    return SchemaMismatch(
        f"{engine.place} cannot have a unique index that this release declares for {statements.table.kind.name}: "
        f"two documents share a value ({told}); change one of them with the release before, then run `shopwright db upgrade` again"
    )
