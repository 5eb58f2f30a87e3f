"""Balances of points as CSV, as another system writes them: a lot on each line, read one by one, however long the file is.

    with open("balances.csv", newline="", encoding="utf-8") as file:
        for it in read_balances(file, source="old-mall", zone="Europe/Berlin"): ...

Rules
- the columns member, points and earned must be there; lot, kind, available, expires and rank may be, and may be empty;
- a day stands for its beginning in the zone, and as the last day on which points are good (`expires`) for its end; a time with its offset for itself;
- a lot is called `<source>/<lot>`, and without a name of its own `<source>/<kind>/<member>/<earned>/<expires>`, so that the same file tells the same
  lots again;
- what is wrong with a line is told instead of its lot, with the line and the column; reading goes on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import POINTS, account_id
from shopwright.loyalty.opening import OpeningLot
from shopwright.periods import Zone, start_of_day, zone_of

_MUST = ("member", "points", "earned")
_MAY = ("lot", "kind", "available", "expires", "rank")


@frozen
class WrongLine:
    """A line that tells no lot: where, in which column if it is one, and what was expected."""

    line: int
    column: str
    problem: str


def read_balances(lines: Iterable[str], *, source: str, zone: Zone) -> Iterator[OpeningLot | WrongLine]:
    """The lots of a CSV file, and what is wrong with lines that tell none. Raises `InvalidValue` for a zone that is none."""
    zone_of(zone)
    rows = csv.DictReader(lines, strict=True)
    try:
        columns = tuple(rows.fieldnames or ())
        lacking, unknown = [name for name in _MUST if name not in columns], [name for name in columns if name not in {*_MUST, *_MAY}]
        if lacking or unknown or len(set(columns)) < len(columns):
            yield WrongLine(1, "", f"expected the columns {', '.join(_MUST)}, and as you like {', '.join(_MAY)}, got {', '.join(columns) or 'none'}")
            return
        for row in rows:
            yield _read(row, rows.line_num, source, zone)
    except csv.Error as error:
        yield WrongLine(rows.line_num + 1, "", f"expected cells that CSV allows ({error}); nothing after this line was read")


def _read(row: dict[str, str | None], line: int, source: str, zone: Zone) -> OpeningLot | WrongLine:
    if None in row or None in row.values():
        return WrongLine(line, "", "expected as many cells as there are columns")
    cells = {name: (value or "").strip() for name, value in row.items()}
    numbers, times = dict[str, int](), dict[str, datetime | None]()
    for column in ("points", "rank"):
        try:
            numbers[column] = int(cells.get(column) or ("" if column == "points" else "0"))
        except ValueError:
            return WrongLine(line, column, f"expected a whole number, got {cells.get(column)!r}")
    for column in ("earned", "available", "expires"):
        try:
            times[column] = _time(cells.get(column, ""), zone, is_last_day=column == "expires")
        except ValueError:
            expected = "a day or a time with its offset, such as 2026-03-01 or 2026-03-01T09:00+01:00"
            return WrongLine(line, column, f"expected {expected}, got {cells[column]!r}")
    earned_at = times["earned"]
    if earned_at is None:
        return WrongLine(line, "earned", "expected when the points were earned, got nothing")
    since = times["available"] or earned_at
    try:
        lot = Lot(_id(cells, source), numbers["points"], earned_at, available_from=since, expires_at=times["expires"], rank=numbers["rank"])
        return OpeningLot(line=line, account_id=account_id(cells["member"], cells.get("kind") or POINTS), lot=lot)
    except InvalidValue as error:
        return WrongLine(line, "", str(error))


def _id(cells: dict[str, str], source: str) -> str:
    if cells.get("lot"):
        return f"{source}/{cells['lot']}"
    return "/".join([source, cells.get("kind") or POINTS, cells["member"], cells["earned"], cells.get("expires", "")])


def _time(text: str, zone: Zone, *, is_last_day: bool) -> datetime | None:
    """A moment, `None` for an empty cell. Raises `ValueError` for anything else."""
    if not text:
        return None
    if len(text) == len("2026-03-01"):
        day = date.fromisoformat(text)
        return start_of_day(day + timedelta(days=1) if is_last_day else day, zone)
    told = datetime.fromisoformat(text)
    if told.utcoffset() is None:
        raise ValueError(text)
    return told
