"""The files of a marketplace for tests: read as plain text, counted without any code of ours, cut down to a sample, or made up."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import field, frozen

TABLES = {
    "orders": "olist_orders_dataset.csv.gz",
    "items": "olist_order_items_dataset.csv.gz",
    "payments": "olist_order_payments_dataset.csv.gz",
    "customers": "olist_customers_dataset.csv.gz",
    "products": "olist_products_dataset.csv.gz",
    "words": "product_category_name_translation.csv.gz",
}
HEADERS = {
    "orders": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date",
    "items": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
    "payments": "order_id,payment_sequential,payment_type,payment_installments,payment_value",
    "customers": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state",
    "products": "product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,product_weight_g,"
    "product_length_cm,product_height_cm,product_width_cm",
    "words": "product_category_name,product_category_name_english",
}
PLACE = ZoneInfo("America/Sao_Paulo")
TIMES = HEADERS["orders"].split(",")[3:]

Rows = list[dict[str, str]]


def rows(folder: Path, table: str) -> Rows:
    """The rows of one table, as text."""
    with gzip.open(folder / TABLES[table], "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def write(folder: Path, tables: dict[str, Rows]) -> Path:
    """A folder with these tables, those that are not given being empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, file in TABLES.items():
        with gzip.open(folder / file, "wt", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, HEADERS[table].split(","))
            writer.writeheader()
            writer.writerows(tables.get(table, []))
    return folder


def made_up(folder: Path, *sales: dict) -> Path:
    """A folder with these sales: each the columns of its order, with `items` and `payments` as tuples of their columns."""
    tables: dict[str, Rows] = defaultdict(list)
    for number, sale in enumerate(sales, 1):
        id = sale.get("id", f"order-{number}")
        given = {"order_purchase_timestamp": "2018-03-01 10:00:00", "order_estimated_delivery_date": "2018-03-20 00:00:00"}
        given |= {name: value for name, value in sale.items() if name.startswith("order_")}
        tables["orders"].append({"order_id": id, "customer_id": f"customer-{number}", **given})
        tables["customers"].append({"customer_id": f"customer-{number}", "customer_unique_id": "person-1"})
        for place, (product, seller, price, freight) in enumerate(sale.get("items", ()), 1):
            item = {"product_id": product, "seller_id": seller, "price": price, "freight_value": freight}
            tables["items"].append({"order_id": id, "order_item_id": str(place), **item})
            tables["products"].append({"product_id": product})
        for place, (kind, value) in enumerate(sale.get("payments", ()), 1):
            paid = {"payment_type": kind, "payment_value": value, "payment_installments": "1"}
            tables["payments"].append({"order_id": id, "payment_sequential": str(place), **paid})
    return write(folder, tables)


@frozen
class Expected:
    """What the files say, by plain counting; sums in whole currency units. What was never approved nor went further is not paid."""

    states: Counter[str] = field(factory=Counter)
    items: Decimal = Decimal(0)
    freight: Decimal = Decimal(0)
    paid: dict[str, Decimal] = field(factory=dict)
    loose: dict[str, Decimal] = field(factory=dict)
    codes: Counter[str] = field(factory=Counter)
    orders_by_code: dict[str, list[str]] = field(factory=dict)


def expected(folder: Path) -> Expected:
    """Count a folder."""
    items, payments = _by_order(rows(folder, "items")), _by_order(rows(folder, "payments"))
    states, codes, by_code = Counter(), Counter(), defaultdict(list)
    paid, loose = defaultdict(Decimal), defaultdict(Decimal)
    price = freight = Decimal(0)
    for order in rows(folder, "orders"):
        id = order["order_id"]
        price += sum(Decimal(item["price"]) for item in items[id])
        freight += sum(Decimal(item["freight_value"]) for item in items[id])
        if items[id]:
            states[final_state(order)] += 1
        due = items[id] and order["order_status"] == "created" and not order["order_approved_at"]
        for payment in () if due else payments[id]:
            (paid if items[id] else loose)[payment["payment_type"]] += Decimal(payment["payment_value"])
        odd = list(odd_codes(order, items[id], payments[id]))
        codes.update(odd)
        for code in set(odd):
            by_code[code].append(id)
    return Expected(states, price, freight, dict(paid), dict(loose), codes, dict(by_code))


def _by_order(table: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in table:
        found[row["order_id"]].append(row)
    return found


def final_state(order: dict[str, str]) -> str:
    """Where an order with items ends."""
    status = order["order_status"]
    if status in ("canceled", "unavailable"):
        return "canceled"
    if status == "created":
        return "placed" if not order["order_approved_at"] else "confirmed"
    return "completed" if order["order_delivered_customer_date"] else "confirmed"


def odd_codes(order: dict[str, str], items: Rows, payments: Rows) -> Iterable[str]:
    """Every code that an order should be noted with, as often as it should be."""
    status = order["order_status"]
    bought, approved, left, arrived, promised = (order[name] for name in TIMES)
    owed = sum(Decimal(item["price"]) + Decimal(item["freight_value"]) for item in items)
    paid = sum(Decimal(payment["payment_value"]) for payment in payments)
    called_off = status in ("canceled", "unavailable")
    numbers = sorted(int(payment["payment_sequential"]) for payment in payments)
    conditions = {
        "no_items": not items,
        "no_payments": not payments,
        "paid_less": items and paid < owed,
        "paid_more": items and paid > owed,
        "payment_sequence_gap": numbers != list(range(1, len(payments) + 1)),
        "never_approved": not approved,
        "approved_before_purchase": approved and approved < bought,
        "carrier_before_purchase": left and left < bought,
        "carrier_before_approval": left and approved and left < approved,
        "delivered_before_approval": arrived and approved and arrived < approved,
        "delivered_before_carrier": arrived and left and arrived < left,
        "shipped_without_carrier_date": status == "shipped" and not left,
        "delivered_without_carrier_date": (status == "delivered" or arrived) and not left,
        "delivered_without_date": status == "delivered" and not arrived,
        "delivered_late": arrived and arrived[:10] > promised[:10],
        "dates_beyond_state": (status not in ("shipped", "delivered") and not called_off and (left or arrived)) or (status == "shipped" and arrived),
        "state_narrowed": items and status in ("approved", "invoiced", "processing"),
        "canceled_without_date": called_off,
        "canceled_after_shipping": called_off and left,
        "canceled_after_delivery": called_off and arrived,
        "canceled_without_refund": status == "canceled" and paid,
        "unavailable_without_refund": status == "unavailable" and paid,
    }
    yield from (code for code, holds in conditions.items() if holds)
    for payment in payments:
        if not Decimal(payment["payment_value"]):
            yield "payment_zero"
        if payment["payment_type"] == "not_defined":
            yield "payment_not_defined"
        if int(payment["payment_installments"]) < 1:
            yield "payment_without_installments"
    yield from ("time_ambiguous" for name in TIMES if order[name] and _twice_or_never(order[name]))


def _twice_or_never(text: str) -> bool:
    wall = datetime.fromisoformat(text).replace(tzinfo=PLACE)
    return wall.utcoffset() != wall.replace(fold=1).utcoffset()


def sample(folder: Path, into: Path, *, of_each: int) -> Path:
    """A folder with some orders of each code, each state with and without items, with several sellers and with several payments."""
    items, payments = _by_order(rows(folder, "items")), _by_order(rows(folder, "payments"))
    kinds: dict[str, list[str]] = {code: list(ids) for code, ids in expected(folder).orders_by_code.items()}
    for order in rows(folder, "orders"):
        id = order["order_id"]
        shape = (order["order_status"], bool(items[id]), len({item["seller_id"] for item in items[id]}) > 1, len(payments[id]) > 1)
        kinds.setdefault(str(shape), []).append(id)
    chosen = {id for ids in kinds.values() for id in ids[:of_each]}
    tables = {table: [row for row in rows(folder, table) if row["order_id"] in chosen] for table in ("orders", "items", "payments")}
    people = {order["customer_id"] for order in tables["orders"]}
    goods = {item["product_id"] for item in tables["items"]}
    tables["customers"] = [row for row in rows(folder, "customers") if row["customer_id"] in people]
    tables["products"] = [row for row in rows(folder, "products") if row["product_id"] in goods]
    return write(into, {**tables, "words": rows(folder, "words")})
