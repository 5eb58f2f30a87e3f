"""The files as they are: nine tables of comma-separated values, of which a shop's orders need five.

Rules
- every row is read or the reading stops with the file and the line: nothing is dropped in silence;
- amounts are whole cents, exactly as written; times are those of clocks in Sao Paulo, which the files do not say;
- a time that clocks showed twice is the first of the two, one that they skipped moves forward, and both are told as odd.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from shopwright import Money
from shopwright.errors import InvalidValue
from shopwright.periods import Skipped, Twice, parse_local

T = TypeVar("T")
ZONE = "America/Sao_Paulo"
CURRENCY = "BRL"
ORDERS, ITEMS, PAYMENTS, CUSTOMERS, PRODUCTS, WORDS = (
    "olist_orders_dataset.csv.gz",
    "olist_order_items_dataset.csv.gz",
    "olist_order_payments_dataset.csv.gz",
    "olist_customers_dataset.csv.gz",
    "olist_products_dataset.csv.gz",
    "product_category_name_translation.csv.gz",
)
STATES = ("created", "approved", "invoiced", "processing", "shipped", "delivered", "canceled", "unavailable")


class BadFile(Exception):
    """A file is missing or says something that cannot be read; the message names the file and the line."""


@frozen(kw_only=True)
class Row:
    """Where a fact stands: the file and the line in it, the header being line 1."""

    file: str
    line: int


@frozen(kw_only=True)
class Item:
    """One unit that was sold. Amounts in cents."""

    number: int
    product_id: str
    seller_id: str
    price: int
    freight: int


@frozen(kw_only=True)
class Paid:
    """One row of payment: its number within the order, how, how much (cents), in how many installments."""

    row: Row
    sequence: int
    type: str
    installments: int
    value: int


@frozen(kw_only=True)
class Customer:
    """The `id` is that of one order, the `person` that of whoever placed it."""

    id: str
    person: str
    zip: str
    city: str
    state: str


@frozen(kw_only=True)
class Sale:
    """One order of the marketplace, with all that its files know of it. `ambiguous` names times that clocks showed twice or never."""

    row: Row
    id: str
    state: str
    customer: Customer
    purchased_at: datetime
    approved_at: datetime | None
    carrier_at: datetime | None
    delivered_at: datetime | None
    promised_at: datetime
    ambiguous: tuple[str, ...]
    items: tuple[Item, ...]
    payments: tuple[Paid, ...]

    @property
    def price(self) -> int:
        """What the items cost, in cents."""
        return sum(item.price for item in self.items)

    @property
    def freight(self) -> int:
        """What their transport costs, in cents."""
        return sum(item.freight for item in self.items)

    @property
    def owed(self) -> int:
        """What its buyer owes, in cents."""
        return self.price + self.freight

    @property
    def sequence(self) -> tuple[int, ...]:
        """How its payments are numbered."""
        return tuple(payment.sequence for payment in self.payments)

    @property
    def paid(self) -> int:
        """What was paid, in cents."""
        return sum(payment.value for payment in self.payments)


@frozen(kw_only=True)
class Goods:
    """What the files know of a product."""

    id: str
    category: str
    weight_g: int


@frozen(kw_only=True)
class Marketplace:
    """All of it: the orders by the time of their purchase, the products by id, and the products that more than one seller sells."""

    sales: tuple[Sale, ...]
    goods: dict[str, Goods]
    shared: frozenset[str]


def read(folder: Path) -> Marketplace:
    """Everything that the orders in this folder need. Raises `BadFile`."""
    words = dict(_rows(folder, WORDS, lambda _, row: (row["product_category_name"], row["product_category_name_english"])))
    goods = {it.id: it for it in _rows(folder, PRODUCTS, lambda _, row: _goods(row, words))}
    customers = {it.id: it for it in _rows(folder, CUSTOMERS, lambda _, row: _customer(row))}
    items = _grouped(_rows(folder, ITEMS, lambda _, row: (row["order_id"], _item(row, goods))))
    payments = _grouped(_rows(folder, PAYMENTS, lambda at, row: (row["order_id"], _paid(at, row))))
    sales = list(_rows(folder, ORDERS, lambda at, row: _sale(at, row, customers, items, payments)))
    for file, left in ((ITEMS, items), (PAYMENTS, payments)):
        if left:
            raise BadFile(f"{file} has rows of {len(left)} orders that {ORDERS} does not have, such as {next(iter(left))}")
    sellers: dict[str, set[str]] = defaultdict(set)
    for sale in sales:
        for item in sale.items:
            sellers[item.product_id].add(item.seller_id)
    shared = frozenset(product for product, who in sellers.items() if len(who) > 1)
    return Marketplace(sales=tuple(sorted(sales, key=lambda sale: (sale.purchased_at, sale.id))), goods=goods, shared=shared)


def _rows(folder: Path, file: str, made: Callable[[Row, dict[str, str]], T]) -> Iterator[T]:
    """What is made of each row; whatever cannot be read is told with its line."""
    path = folder / file
    if not path.exists():
        raise BadFile(f"{file} is not in {folder}; expected the files of the Olist marketplace, compressed with gzip")
    line = 1
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
        try:
            reader = csv.DictReader(text, strict=True)
            line += len(reader.fieldnames or ()) > 0  # the header has been read
            for row in reader:
                yield made(Row(file=file, line=line), row)
                line = reader.line_num + 1
        except KeyError as error:
            raise BadFile(f"{file}, line {line}: nothing is known of {error}") from error
        except (ValueError, TypeError, csv.Error, EOFError, OSError) as error:
            raise BadFile(f"{file}, line {line}: {error}") from error


def _grouped(pairs: Iterator[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _cents(text: str) -> int:
    return Money.of(text, CURRENCY).minor


def _goods(row: dict[str, str], words: dict[str, str]) -> Goods:
    category = row["product_category_name"]
    return Goods(id=row["product_id"], category=words.get(category, category), weight_g=int(row["product_weight_g"] or 0))


def _customer(row: dict[str, str]) -> Customer:
    return Customer(
        id=row["customer_id"],
        person=row["customer_unique_id"],
        zip=row["customer_zip_code_prefix"],
        city=row["customer_city"],
        state=row["customer_state"],
    )


def _item(row: dict[str, str], goods: dict[str, Goods]) -> Item:
    return Item(
        number=int(row["order_item_id"]),
        product_id=goods[row["product_id"]].id,
        seller_id=row["seller_id"],
        price=_cents(row["price"]),
        freight=_cents(row["freight_value"]),
    )


def _paid(at: Row, row: dict[str, str]) -> Paid:
    return Paid(
        row=at,
        sequence=int(row["payment_sequential"]),
        type=row["payment_type"],
        installments=int(row["payment_installments"]),
        value=_cents(row["payment_value"]),
    )


@frozen
class _Times:
    """The times of one row, and the names of those that clocks showed twice or never."""

    row: dict[str, str]
    ambiguous: list[str] = field(factory=list)

    def get(self, column: str) -> datetime | None:
        """The instant of a column; `None` where it is empty."""
        return self.must(column) if self.row[column] else None

    def must(self, column: str) -> datetime:
        """The instant of a column that cannot be empty."""
        text = self.row[column]
        try:
            return parse_local(text, ZONE, twice=Twice.REFUSE, skipped=Skipped.REFUSE)
        except InvalidValue:
            at = parse_local(text, ZONE)
            self.ambiguous.append(column)
            return at


def _sale(at: Row, row: dict[str, str], customers: dict[str, Customer], items: dict[str, list[Item]], payments: dict[str, list[Paid]]) -> Sale:
    id, state, times = row["order_id"], row["order_status"], _Times(row)
    if state not in STATES:
        raise ValueError(f"expected a state among {', '.join(STATES)}, got {state!r}")
    return Sale(
        row=at,
        id=id,
        state=state,
        customer=customers[row["customer_id"]],
        purchased_at=times.must("order_purchase_timestamp"),
        approved_at=times.get("order_approved_at"),
        carrier_at=times.get("order_delivered_carrier_date"),
        delivered_at=times.get("order_delivered_customer_date"),
        promised_at=times.must("order_estimated_delivery_date"),
        ambiguous=tuple(times.ambiguous),
        items=tuple(sorted(items.pop(id, ()), key=lambda item: item.number)),
        payments=tuple(sorted(payments.pop(id, ()), key=lambda paid: paid.sequence)),
    )
