"""What PostgreSQL's errors mean to a shop.

Rules
- a lock that was not granted in time, a deadlock or a failed serialization is `StorageBusy`: nothing was written;
- a full disk is `StorageFull`, damaged pages are `StorageCorrupted`, a missing table or function is `SchemaMismatch`;
- everything else that the server, the network or the login did is `StorageUnavailable`: whether a write landed is told by
  running the same command again;
- texts name the database by host and name, never by a password.
"""

from __future__ import annotations

import psycopg
from attrs import frozen

from shopwright.errors import Outage, SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, StorageUnavailable

STALE_DOCUMENT = "SW001"
STALE_RECORD = "SW002"
REFUSED = "SW003"
NOT_STRAIGHT = "SW004"

UNIQUE_VIOLATION = "23505"
OUT_OF_RANGE = "22003"
CHECK_VIOLATION = "23514"

MEANT = frozenset({STALE_DOCUMENT, STALE_RECORD, REFUSED, NOT_STRAIGHT, UNIQUE_VIOLATION, OUT_OF_RANGE, CHECK_VIOLATION})
"""What the commit function may raise about a changeset; anything else is about the server."""

_AGAIN = frozenset({"40P01", "40001"})
_BUSY = frozenset({"40P01", "40001", "55P03", "57014", "25P03"})
_FULL = frozenset({"53100"})
_DAMAGED = frozenset({"XX001", "XX002"})
_SCHEMA = frozenset({"42P01", "42883", "42703", "3F000"})
_LOGIN = frozenset({"28000", "28P01"})
_READ_ONLY = frozenset({"25006"})
_FORBIDDEN = frozenset({"42501"})


@frozen
class Raised:
    """What the commit function raised: its SQLSTATE, its message, its detail, and the constraint that was in the way."""

    state: str
    message: str = ""
    detail: str = ""
    constraint: str = ""


class RaisedWithin(Exception):
    """Carries what was raised, and undone, in a part of a host's transaction."""

    def __init__(self, raised: Raised) -> None:
        self.raised = raised
        super().__init__(raised.message)


def raised(error: psycopg.Error | RaisedWithin) -> Raised:
    """What an error tells of itself."""
    if isinstance(error, RaisedWithin):
        return error.raised
    diag = error.diag
    return Raised(state(error), diag.message_primary or "", diag.message_detail or "", diag.constraint_name or "")


def state(error: BaseException) -> str:
    """The SQLSTATE of an error; empty where the server did not speak."""
    return (error.sqlstate or "") if isinstance(error, psycopg.Error) else ""


def worth_repeating(error: psycopg.Error) -> bool:
    """Whether the same transaction may pass when it is run again at once: it lost a deadlock or a serialization, and nothing was written."""
    return state(error) in _AGAIN


def is_outage(error: BaseException | None) -> bool:
    """Whether the server or the network is to blame, and not a statement or a value of ours: that would be a bug, and must not be hidden."""
    if isinstance(error, psycopg.OperationalError | psycopg.InternalError | psycopg.InterfaceError):
        return True
    return error is not None and state(error) in _SCHEMA | _FORBIDDEN | _READ_ONLY


def translated(error: psycopg.Error, place: str) -> Outage:
    """The outage that an error of the driver stands for; `place` names the database as `shopwright db` takes it."""
    code, said = state(error), told(error)
    if code in _BUSY:
        return StorageBusy(f"{place} did not grant a lock ({said}); nothing was written; run the command again")
    if code in _FULL:
        return StorageFull(f"there is no room for {place} ({said}); nothing was written; free some space, then run the command again")
    if code in _DAMAGED:
        return StorageCorrupted(f"{place} is damaged ({said}); restore it from a backup")
    if code in _SCHEMA:
        return SchemaMismatch(f"{place} lacks a table, a column or a function ({said}); run `shopwright db upgrade {place}`")
    if code in _LOGIN:
        return StorageUnavailable(f"{place} did not accept the login ({said}); check the user and the password")
    if code in _FORBIDDEN:
        return StorageUnavailable(f"{place} does not let this user do it ({said}); grant it, or connect as the user who upgraded the shop")
    if code in _READ_ONLY:
        return StorageUnavailable(f"{place} takes no writes ({said}); it may be a standby: connect to the primary")
    return StorageUnavailable(f"{place} did not answer ({said}); run the same command again with the same key")


def unreachable(error: psycopg.Error, place: str) -> Outage:
    """The outage that a failed connect stands for."""
    code = state(error)
    if code in _LOGIN or "authentication failed" in str(error):
        return StorageUnavailable(f"{place} did not accept the login ({told(error)}); check the user and the password")
    return StorageUnavailable(f"no connection to {place} ({told(error)}); nothing was written; see that it runs and is reachable, then try again")


def told(error: Exception) -> str:
    """What was said, on one line; a driver that never reached the server may have said it in several."""
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join((said or str(error) or type(error).__name__).split())
