"""Quota moves in SQL: each straight ahead as conditional updates, or all of them with care through `shopwright.ports.counting`.

Rules
- a straight move changes what it expects to find and says whether it found it; it never reclaims and never refuses;
- with care, the arithmetic of the port decides over the rows it asks for, and what it changed is written back;
- of the lapsed holds on a key only as many are read as all moves on it could need, the one that ended first before the others.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from json.encoder import encode_basestring as as_json_text
from typing import Any

from shopwright.adapters.sqlite import statements as sql
from shopwright.adapters.tables import from_utc_text, utc_text
from shopwright.ports.counting import Counter, Draft, Hold, settle
from shopwright.ports.edge import as_utc
from shopwright.ports.quotas import CommitHold, Give, Grant, QuotaMove, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Changeset
from shopwright.refusals import Refusal


def _items_text(items: Iterable[tuple[str, int]]) -> str:
    return "{" + ",".join([f"{as_json_text(key)}:{quantity}" for key, quantity in items]) + "}"


def _grant(cursor: sqlite3.Cursor, scope: str, move: Grant) -> bool:
    cursor.execute(sql.QUOTA_GRANT, (scope, move.key, move.rank, move.quantity))
    return cursor.rowcount == 1


def _take(cursor: sqlite3.Cursor, scope: str, move: Take) -> bool:
    cursor.execute(sql.QUOTA_TAKE, (move.quantity, scope, move.key, move.quantity))
    return cursor.rowcount == 1


def _give(cursor: sqlite3.Cursor, scope: str, move: Give) -> bool:
    cursor.execute(sql.QUOTA_GIVE, (move.quantity, scope, move.key, move.quantity))
    return cursor.rowcount == 1


def _reserve(cursor: sqlite3.Cursor, scope: str, move: Reserve) -> bool:
    items, hold, until = move.items, move.hold, utc_text(as_utc("until", move.until))
    cursor.executemany(sql.QUOTA_HOLD, [(quantity, scope, key, quantity) for key, quantity in items])
    if cursor.rowcount != len(items):
        return False
    cursor.execute(sql.HOLD_ADD, (scope, hold, until, _items_text(items)))
    if not cursor.rowcount:
        return False
    cursor.executemany(sql.HOLD_ITEM_ADD, [(scope, key, until, hold, quantity) for key, quantity in items])
    return True


def _commit_hold(cursor: sqlite3.Cursor, scope: str, move: CommitHold) -> bool:
    items = _end(cursor, scope, move.hold)
    cursor.executemany(sql.QUOTA_USE_HELD, [(quantity, quantity, scope, key) for key, quantity in items])
    return bool(items)


def _release_hold(cursor: sqlite3.Cursor, scope: str, move: ReleaseHold) -> bool:
    items = _end(cursor, scope, move.hold)
    cursor.executemany(sql.QUOTA_FREE_HELD, [(quantity, scope, key) for key, quantity in items])
    return bool(items)


def _end(cursor: sqlite3.Cursor, scope: str, hold: str) -> tuple[tuple[str, int], ...]:
    """Take the hold away and return its items; none when it is not there or was reclaimed."""
    row = cursor.execute(sql.HOLD_END, (scope, hold)).fetchone()
    if row is None:
        return ()
    until, text = row
    items = tuple(json.loads(text).items())
    cursor.executemany(sql.HOLD_ITEM_END, [(scope, key, until, hold) for key, _ in items])
    return items


_STRAIGHT: dict[type, Callable[[sqlite3.Cursor, str, Any], bool]] = {
    Grant: _grant,
    Take: _take,
    Give: _give,
    Reserve: _reserve,
    CommitHold: _commit_hold,
    ReleaseHold: _release_hold,
}


def move_straight(cursor: sqlite3.Cursor, scope: str, move: QuotaMove) -> bool:
    """Whether the move found all that it needs; when not, what it wrote must be rolled back."""
    return _STRAIGHT[type(move)](cursor, scope, move)


class SqliteBooks:
    """Counters and holds of one scope, as `shopwright.ports.counting` asks for them."""

    def __init__(self, cursor: sqlite3.Cursor, scope: str, moves: tuple[QuotaMove, ...], at: str) -> None:
        self._cursor, self._scope, self._at = cursor, scope, at
        self._wanted = _wanted(moves)
        self._ended = {move.hold for move in moves if isinstance(move, CommitHold | ReleaseHold)}

    def counter(self, key: str) -> Counter | None:
        """The counter of a key, `None` when it was never granted."""
        row = self._cursor.execute(sql.QUOTA_LOAD, (self._scope, key)).fetchone()
        return None if row is None else Counter(*row)

    def hold(self, id: str) -> Hold | None:
        """A hold that is live, lapsed or reclaimed."""
        row = self._cursor.execute(sql.HOLD_LOAD, (self._scope, id)).fetchone()
        if row is None:
            return None
        until, items, reclaimed = row
        return Hold(id, tuple(json.loads(items).items()), from_utc_text(until), from_utc_text(reclaimed) if reclaimed else None)

    def holds_on(self, key: str) -> list[Hold]:
        """The lapsed holds that could be needed."""
        rows = self._cursor.execute(sql.HOLDS_LAPSED, (self._scope, key, self._at))
        short, ids = self._wanted.get(key, 0), []
        for id, quantity in rows:
            ids.append(id)
            short -= 0 if id in self._ended else quantity
            if short <= 0:
                break
        return [hold for hold in map(self.hold, ids) if hold is not None]


def _wanted(moves: tuple[QuotaMove, ...]) -> dict[str, int]:
    """How much of each key all moves together could take."""
    wanted: dict[str, int] = {}
    for move in moves:
        match move:
            case Take(key=key, quantity=quantity):
                wanted[key] = wanted.get(key, 0) + quantity
            case Grant(key=key, quantity=quantity) if quantity < 0:
                wanted[key] = wanted.get(key, 0) - quantity
            case Reserve(items=items):
                for key, quantity in items:
                    wanted[key] = wanted.get(key, 0) + quantity
            case _:
                pass
    return wanted


def settle_and_write(cursor: sqlite3.Cursor, scope: str, change: Changeset, at: str) -> Refusal | None:
    """Apply all moves by the port's arithmetic; the first refusal, and then nothing is written."""
    if not change.moves:
        return None
    books = SqliteBooks(cursor, scope, change.moves, at)
    draft = settle(books, change.moves, at=as_utc("at", change.at))
    if isinstance(draft, Refusal):
        return draft
    _write(cursor, scope, books, draft)
    return None


def _write(cursor: sqlite3.Cursor, scope: str, books: SqliteBooks, draft: Draft) -> None:
    for id in draft.holds:
        before = books.hold(id)
        if before is not None and before.reclaimed_at is None:
            cursor.executemany(sql.HOLD_ITEM_END, [(scope, key, _text(before.until), id) for key, _ in before.items])
    for id, hold in draft.holds.items():
        if hold is None:
            cursor.execute(sql.HOLD_FORGET, (scope, id))
        else:
            _write_hold(cursor, scope, hold)
    counters = draft.counters.items()
    cursor.executemany(sql.QUOTA_KEEP, [(scope, key, each.rank, each.granted, each.used, each.held) for key, each in counters])


def _write_hold(cursor: sqlite3.Cursor, scope: str, hold: Hold) -> None:
    until = _text(hold.until)
    reclaimed = _text(hold.reclaimed_at) if hold.reclaimed_at else None
    cursor.execute(sql.HOLD_KEEP, (scope, hold.id, until, _items_text(hold.items), reclaimed))
    if reclaimed is None:
        cursor.executemany(sql.HOLD_ITEM_ADD, [(scope, key, until, hold.id, quantity) for key, quantity in hold.items])


def _text(at: datetime) -> str:
    return utc_text(as_utc("at", at))
