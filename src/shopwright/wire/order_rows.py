"""Orders as rows for spreadsheets and other programs: CSV or JSON lines, one order at a time, however many there are.

Rules
- EXPORT-1: amounts are exact, as decimal text with the digits of the currency (`49.00`, and `4900` in yen), never binary fractions;
- EXPORT-2: a cell of CSV that a spreadsheet would run (it begins with `=`, `+`, `-`, `@`, a tab or a line break, also behind spaces) begins with an
  apostrophe; JSON lines are read by programs, and keep the text as it is;
- EXPORT-3: nothing personal is in a row but the buyer's id; each line ends with a line feed, and times are UTC in ISO 8601.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from io import StringIO

from shopwright.errors import InvalidValue
from shopwright.orders.order import Order
from shopwright.orders.standing import standings
from shopwright.wire.plain import time_out

COLUMNS = (
    "number", "id", "external_id", "placed_at", "buyer_id", "channel", "state", "standing", "payment", "fulfillment",
    "currency", "total", "paid", "refunded", "units", "skus", "coupon", "holds", "tags",
)  # fmt: skip
"""The columns of a row, in their order; new ones come at the end."""

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class RowForm(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


def order_lines(orders: Iterable[Order], form: RowForm) -> Iterator[str]:
    """The lines of a file of this form. Raises `InvalidValue` for another form, before an order is read."""
    if not isinstance(form, RowForm):
        raise InvalidValue(f"expected a RowForm, got {form!r}; allowed: {', '.join(RowForm)}")
    return csv_lines(orders) if form is RowForm.CSV else json_lines(orders)


def order_row(order: Order) -> dict[str, str | int]:
    """An order as one row: text, and the number of its units."""
    stands = standings(order)
    return {
        "number": order.number,
        "id": order.id,
        "external_id": order.external_id,
        "placed_at": time_out(order.placed_at),
        "buyer_id": order.buyer_id,
        "channel": order.channel,
        "state": order.state.value,
        "standing": stands.order.value,
        "payment": stands.payment.value,
        "fulfillment": stands.fulfillment.value,
        "currency": order.currency,
        "total": str(order.total.decimal),
        "paid": str(order.money(order.paid).decimal),
        "refunded": str(order.money(order.refunded).decimal),
        "units": sum(line.quantity for line in order.lines),
        "skus": " ".join(line.sku for line in order.lines),
        "coupon": order.coupon_code,
        "holds": " ".join(hold.reason.value for hold in order.holds),
        "tags": ", ".join(order.tags),
    }


def csv_lines(orders: Iterable[Order]) -> Iterator[str]:
    """The lines of a CSV file, the header first (EXPORT-1 to 3)."""
    yield csv_line(COLUMNS)
    for order in orders:
        row = order_row(order)
        yield csv_line([_cell(name, row[name]) for name in COLUMNS])


def json_lines(orders: Iterable[Order]) -> Iterator[str]:
    """The lines of a JSON lines file: an object for each order (EXPORT-1, EXPORT-3)."""
    for order in orders:
        yield json.dumps(order_row(order), ensure_ascii=False) + "\n"


def _cell(name: str, value: str | int) -> str:
    told = str(value)
    if name in ("total", "paid", "refunded", "units"):
        return told  # a number, whose minus is its own
    return safe_cell(told)


def safe_cell(text: str) -> str:
    """A text as a cell that no spreadsheet runs (EXPORT-2)."""
    return "'" + text if text.startswith(_RUN) or text.lstrip().startswith(_RUN) else text


def csv_line(cells: Iterable[str]) -> str:
    """These cells as a line of a CSV file."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
