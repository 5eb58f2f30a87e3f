"""Goods with their prices and costs as CSV: what the linter of promotions needs to know to find prices below cost.

Rules
- the columns sku, price and cost must be there; floor, product, seller, brand, categories and tags may be; amounts are such as `10.00 EUR`;
- several categories or tags are separated by spaces;
- every wrong cell is told with its line, all at once.
"""

from __future__ import annotations

import csv

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.basket import BasketLine
from shopwright.promotions.linting.findings import Good
from shopwright.wire.marked import Place, Problems

_MUST = ("sku", "price", "cost")
_MAY = ("floor", "product", "seller", "brand", "categories", "tags")


def read_goods(text: str) -> tuple[Good, ...]:
    """The goods of a CSV file. Raises `UnreadableFile` with all that is wrong."""
    problems, found = Problems(), list[Good]()
    rows = csv.DictReader(text.splitlines(), strict=True)
    try:
        columns = tuple(rows.fieldnames or ())
        unknown = [name for name in columns if name not in {*_MUST, *_MAY}]
        missing = [name for name in _MUST if name not in columns]
        if unknown or missing:
            got = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown)}"
            problems.tell(Place(1, 1), "", f"expected the columns {', '.join(_MUST)}, and as you like {', '.join(_MAY)}, got them {got}")
        for row in () if problems.found else rows:
            good = _good(row, Place(rows.line_num, 1), problems)
            if good is not None:
                found.append(good)
    except csv.Error as error:
        problems.tell(Place(rows.line_num + 1, 1), "", f"expected cells that CSV allows ({error})")
    problems.stop_if_any()
    return tuple(found)


def _good(row: dict[str, str | None], at: Place, problems: Problems) -> Good | None:
    if None in row or None in row.values():
        problems.tell(at, "", "expected as many cells as there are columns")
        return None
    cells = {name: (value or "").strip() for name, value in row.items()}
    money: dict[str, Money] = {}
    for column in ("price", "cost", "floor"):
        try:
            if cells.get(column) or column != "floor":
                money[column] = Money.parse(cells[column])
        except InvalidValue as error:
            problems.tell(at, column, str(error))
    if not {"price", "cost"} <= money.keys():
        return None
    if len({it.currency for it in money.values()}) > 1:
        problems.tell(at, "", f"expected amounts in one currency, got {', '.join(map(str, money.values()))}")
        return None
    try:
        return Good(_line(cells, money), money["price"].currency, money["cost"].minor)
    except InvalidValue as error:
        problems.tell(at, "", str(error))
        return None


def _line(cells: dict[str, str], money: dict[str, Money]) -> BasketLine:
    return BasketLine(
        sku=cells["sku"],
        quantity=1,
        unit_price=money["price"].minor,
        product=cells.get("product", ""),
        seller=cells.get("seller", ""),
        brand=cells.get("brand", ""),
        categories=frozenset(cells.get("categories", "").split()),
        tags=frozenset(cells.get("tags", "").split()),
        floor=money["floor"].minor if "floor" in money else 0,
    )
