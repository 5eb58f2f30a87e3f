"""The floors of an import: the rows of a CSV file into one table, by `executemany` on SQLite and by `COPY` on PostgreSQL, with nothing checked."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.sides import Bench, peer

TABLE = "create table goods (turn integer, product text, sku text, title text, category text, minor integer, primary key (turn, sku))"
TOLD = "select count(*), sum(minor), min(sku), max(sku), count(distinct title), count(distinct category) from goods where turn = {turn}"


def rows(file: Path, turn: int) -> Iterator[tuple[int, str, str, str, str, int]]:
    """The rows of the file, each with its turn."""
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            amount = row["prices"].removesuffix(" EUR").replace(".", "")
            yield turn, row["product"], row["sku"], row["title:en"], row["categories"], int(amount)


def on_sqlite(place: Path, file: Path, per: int) -> Bench:
    """One transaction with an `executemany`."""
    connection = sqlite3.connect(place, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute(TABLE)

    def run(turn: int) -> int:
        connection.execute("begin immediate")
        connection.executemany("insert into goods values (?, ?, ?, ?, ?, ?)", rows(file, turn))
        connection.execute("commit")
        return turn

    return Bench(run=run, tell=lambda turn: list(connection.execute(TOLD.format(turn=turn)).fetchone()), close=connection.close, per=per)


def on_postgres(conninfo: str, file: Path, per: int) -> Bench:
    """One transaction with a `COPY`."""
    connection: Any = peer("psycopg").connect(conninfo)
    connection.execute(TABLE)
    connection.commit()

    def run(turn: int) -> int:
        with connection.cursor().copy("copy goods from stdin") as copy:
            for row in rows(file, turn):
                copy.write_row(row)
        connection.commit()
        return turn

    def tell(turn: int) -> list[Any]:
        return [int(each) if not isinstance(each, str) else each for each in connection.execute(TOLD.format(turn=turn)).fetchone()]

    return Bench(run=run, tell=tell, close=connection.close, per=per)
