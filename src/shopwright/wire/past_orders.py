"""Past orders as files: CSV with a row for each order line, or JSON with an object for each order on a line of its own; read one at a time.

| field | of | meaning |
|---|---|---|
| `order`, `at`, `currency` | order | its id, its time with a zone (2026-03-01T12:00:00+01:00), ISO 4217; must be given |
| `paid`, `shipping` | order | what was paid in all, and what shipping cost before promotions |
| `codes` | order | the codes that were typed |
| `channel`, `payment_method`, `ship_to` | order | where it was sold, how it was paid, the country it went to |
| `member`, `tier`, `segments` | order | who bought |
| `orders_before`, `joined_at`, `born`, `zone` | order | how many orders the buyer had placed before, since when known, date of birth, IANA zone |
| `sku`, `quantity`, `unit_price` | line | must be given |
| `product`, `seller`, `brand`, `categories`, `tags` | line | what promotions can name it by |
| `floor`, `reduced` | line | the price per unit that no promotion may go below; whether the unit price is a reduced one (true or false) |

Rules
- amounts are in units of the currency (12.34); several names in one cell have `|` between them, in JSON they may be a list;
- what is empty or missing is not known, and is never taken for "no" or for nothing paid;
- the rows of an order follow each other; what belongs to the order stands in the first of them, and is the same or empty in the others;
- orders stand in the order of their time, for limits are used up on the way;
- nothing is left out and nothing is guessed: the first thing that cannot be read ends the reading, with its line and its column or path;
- one order is held at a time, so that a file may have any length.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from reprlib import repr as shown
from typing import Any, Literal

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.promotions.basket import MAX_LINES, Basket, BasketLine, Buyer
from shopwright.promotions.coupons import normalize_code
from shopwright.promotions.simulation import PastOrder
from shopwright.wire.past_order_fields import FIELDS, LINE_FIELDS, MUST, ORDER_FIELDS

Form = Literal["csv", "jsonl"]
MOST_CHARACTERS = 1_000_000
"""The longest line."""


class UnreadableOrder(InvalidValue):
    """Something in a file of orders that cannot be read: its line, the column or path in it (empty for the line as a whole), and what is wrong."""

    def __init__(self, line: int, where: str, message: str) -> None:
        self.line, self.where, self.message = line, where, message
        super().__init__(f"line {line}, {where}: {message}" if where else f"line {line}: {message}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.line, self.where, self.message)


@frozen
class _Row:
    """What a row or an object says: the fields that are not empty, where they stand, and what the place is called."""

    line: int
    said: Mapping[str, Any] = field(repr=False)
    place: str = "column "

    def get(self, name: str, default: Any = None, *, currency: str = "") -> Any:
        """A field, read; the default where it is not told."""
        value = self.said.get(name)
        if value is None or value == "":
            return default
        read, expected = FIELDS[name]
        try:
            return read(value, currency)
        except ValueError as error:
            because = f" ({error})" if isinstance(error, InvalidValue) else ""
            raise UnreadableOrder(self.line, f"{self.place}{name}", f"expected {expected}, got {shown(value)}{because}") from None

    def must(self, name: str, *, currency: str = "") -> Any:
        """A field that must be told."""
        found = self.get(name, currency=currency)
        if found is None:
            raise UnreadableOrder(self.line, f"{self.place}{name}", f"expected {FIELDS[name][1]}, got nothing")
        return found


def read_orders(lines: Iterable[str], *, form: Form) -> Iterator[PastOrder]:
    """The orders of a file, one at a time. Raises `UnreadableOrder` for the first thing in it that cannot be read.

    Lines keep their line ends: open files with `newline=""` and `encoding="utf-8-sig"`.
    """
    before: PastOrder | None = None
    bounded = _bounded(lines)
    for line, order in _from_csv(bounded) if form == "csv" else _from_json(bounded):
        if before is not None and order.at < before.at:
            told = f"expected orders in the order of their time, got {order.at.isoformat()} after {before.at.isoformat()}; sort the file by its times"
            raise UnreadableOrder(line, f"order {order.id}", told)
        before = order
        yield order


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_CHARACTERS:
            raise UnreadableOrder(number, "", f"expected lines of at most {MOST_CHARACTERS} characters, got more; is this a file of orders?")
        yield line


def _order(order: _Row, lines: list[_Row]) -> PastOrder:
    """The order that these rows tell."""
    currency = order.must("currency")
    try:
        buyer = Buyer(
            id=order.get("member", ""),
            tier=order.get("tier"),
            segments=order.get("segments"),
            orders=order.get("orders_before"),
            joined_at=order.get("joined_at"),
            born=order.get("born"),
            zone=order.get("zone", "UTC"),
        )
        basket = Basket(
            currency,
            tuple([_line(row, currency) for row in lines]),
            order.must("at"),
            codes=frozenset(map(normalize_code, order.get("codes", ()))),
            shipping=order.get("shipping", 0, currency=currency),
            channel=order.get("channel", ""),
            payment_method=order.get("payment_method"),
            ship_to=order.get("ship_to"),
            buyer=buyer,
        )
        return PastOrder(order.must("order"), basket, order.get("paid", currency=currency))
    except UnreadableOrder:
        raise
    except InvalidValue as error:
        raise UnreadableOrder(order.line, "", str(error)) from None


def _line(row: _Row, currency: str) -> BasketLine:
    try:
        return BasketLine(
            row.must("sku"),
            row.must("quantity"),
            row.must("unit_price", currency=currency),
            product=row.get("product", ""),
            seller=row.get("seller", ""),
            brand=row.get("brand", ""),
            categories=row.get("categories", frozenset()),
            tags=row.get("tags", frozenset()),
            floor=row.get("floor", 0, currency=currency),
            reduced=row.get("reduced", False),
        )
    except UnreadableOrder:
        raise
    except InvalidValue as error:
        raise UnreadableOrder(row.line, row.place.removesuffix("column ").removesuffix("."), str(error)) from None


def _from_csv(lines: Iterable[str]) -> Iterator[tuple[int, PastOrder]]:
    """The orders of CSV, each with the line it begins in."""
    rows = _csv_rows(lines)
    first: _Row | None = None
    some: list[_Row] = []
    for row in rows:
        if first is None or row.must("order") != first.must("order"):
            if first is not None:
                yield first.line, _order(first, some)
            first, some = row, []
        elif len(some) == MAX_LINES:
            raise UnreadableOrder(row.line, "", f"expected at most {MAX_LINES} lines for an order, got more for {shown(row.must('order'))}")
        else:
            _check_same(first, row)
        some.append(row)
    if first is not None:
        yield first.line, _order(first, some)


def _check_same(first: _Row, row: _Row) -> None:
    for name in ORDER_FIELDS:
        value = row.said.get(name, "")
        if value and value != first.said.get(name, ""):
            told = f"expected what line {first.line} says of the same order ({shown(first.said.get(name, ''))}), or nothing, got {shown(value)}"
            raise UnreadableOrder(row.line, f"column {name}", told)


def _csv_rows(lines: Iterable[str]) -> Iterator[_Row]:
    """The rows below the head, each with the line it begins in; blank ones do not count."""
    reader = csv.reader(lines, strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableOrder(line, "", f"expected cells that CSV allows ({error}); is a quotation mark not closed?") from None
        if cells is None:
            break
        if not any(cells):
            continue
        if not columns:
            columns = _columns(cells, line)
        elif len(cells) != len(columns):
            raise UnreadableOrder(line, "", f"expected {len(columns)} cells, as the head has, got {len(cells)}")
        else:
            yield _Row(line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})
    if not columns:
        raise UnreadableOrder(1, "", f"expected a head with the columns {', '.join(MUST)}, got an empty file")


def _columns(cells: list[str], line: int) -> list[str]:
    columns = [cell.strip().lower().removeprefix("\ufeff") for cell in cells]
    for place, column in enumerate(columns):
        if column not in FIELDS or column in columns[:place]:
            raise UnreadableOrder(line, f"column {column}", f"expected columns out of {', '.join(FIELDS)}, each once, separated by commas")
    missing = [column for column in MUST if column not in columns]
    if missing:
        raise UnreadableOrder(line, "", f"expected a head with the columns {', '.join(MUST)}; missing: {', '.join(missing)}")
    return columns


def _from_json(lines: Iterable[str]) -> Iterator[tuple[int, PastOrder]]:
    """The orders of JSON lines, each with its line; blank ones do not count."""
    for number, line in enumerate(lines, 1):
        if not line.strip().removeprefix("\ufeff"):
            continue
        said = _object(line.removeprefix("\ufeff"), number)
        some = said.pop("lines", None)
        if not isinstance(some, list) or not all(isinstance(each, dict) for each in some):
            raise UnreadableOrder(number, "lines", f"expected a list of order lines, each an object, got {shown(some)}")
        _check_names(number, "", said, ORDER_FIELDS)
        for place, each in enumerate(some):
            _check_names(number, f"lines[{place}].", each, LINE_FIELDS)
        yield number, _order(_Row(number, said, ""), [_Row(number, each, f"lines[{place}].") for place, each in enumerate(some)])


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line, parse_float=str, parse_constant=str, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise UnreadableOrder(number, f"column {error.colno}", f"expected an order as a JSON object on one line ({error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableOrder(number, "", f"expected an order as a JSON object ({error})") from None
    if not isinstance(found, dict):
        raise UnreadableOrder(number, "", f"expected an order as a JSON object, got {shown(found)}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidValue("a key comes twice")
    return found


def _check_names(line: int, place: str, said: Mapping[str, Any], allowed: Iterable[str]) -> None:
    for name in said:
        if name not in allowed:
            raise UnreadableOrder(line, f"{place}{name}", f"expected keys out of {', '.join(allowed)}")
