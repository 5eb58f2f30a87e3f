"""The steps of an order's life on SQLite by hand."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.by_hand import life, sqlite
from tests.benchmarks.by_hand.sqlite import SCOPE
from tests.benchmarks.sides import Bench

UPDATE = """update orders set version = version + 1, body = ?, state = ?, standing = ?, due_at = ?, recover_at = ?
where scope = ? and id = ? and version = ?"""
RECORD = "insert into record (scope, stream, key, number, at, type, body) values (?, ?, ?, ?, ?, ?, ?)"


def open_bench(path: Path, durability: str) -> Bench:
    """A file of its own."""
    return life.bench(SqliteStore(sqlite.filled(path, durability)))


@frozen
class SqliteStore:
    """One connection."""

    connection: sqlite3.Connection

    def place(self, turn: int) -> str:
        """A new order, held and unpaid; its id."""
        cart = work.wanted(turn)
        sqlite.place(self.connection, cart)
        found = self.connection.execute("select answer from operation where scope = ? and key = ?", (SCOPE, cart.key)).fetchone()
        return str(found[0])

    def load(self, order_id: str) -> tuple[int, dict[str, Any]]:
        """Version and document."""
        version, body = self.connection.execute("select version, body from orders where scope = ? and id = ?", (SCOPE, order_id)).fetchone()
        return version, json.loads(body)

    def save(self, key: str, version: int, order: dict[str, Any], events: life.Events, *, use_hold: bool) -> None:
        """One transaction."""
        execute, order_id = self.connection.execute, order["id"]
        row = (d.dumps(order), *life.columns(order), SCOPE, order_id, version)
        records = [(SCOPE, "events", order_id, event["number"], d.AT_TEXT, name, d.dumps(event)) for name, event in events]
        execute("begin immediate")
        try:
            execute("insert into operation values (?, ?, ?, ?, ?)", (SCOPE, key, d.digest(key), order_id, d.AT_TEXT))
            if execute(UPDATE, row).rowcount != 1:
                raise AssertionError("nobody else writes this order")
            self.connection.executemany(RECORD, records)
            if use_hold:
                self.use_hold(order_id)
            execute("commit")
        except BaseException:
            execute("rollback")
            raise

    def use_hold(self, order_id: str) -> None:
        """The hold becomes use."""
        deleted = self.connection.execute("delete from hold where scope = ? and id = ? returning until, items", (SCOPE, order_id)).fetchone()
        until, items = deleted[0], json.loads(deleted[1])
        ends = [(SCOPE, key, until, order_id) for key, _ in items]
        self.connection.executemany("delete from hold_item where scope = ? and key = ? and until = ? and hold = ?", ends)
        uses = "update quota set used = used + ?3, held = held - ?3 where scope = ?1 and key = ?2"
        self.connection.executemany(uses, [(SCOPE, key, quantity) for key, quantity in items])

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()
