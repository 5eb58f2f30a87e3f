"""Place-order with SQLAlchemy's ORM: the rows of the naive way, as its tutorial writes them, in one session and one transaction."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.by_hand.sqlite import connected
from tests.benchmarks.sides import Bench, peer
from tests.benchmarks.work import Wanted

sa = peer("sqlalchemy")
orm = peer("sqlalchemy.orm")
Mapped, column = orm.Mapped, orm.mapped_column


class Base(orm.DeclarativeBase):
    """The registry."""


class Product(Base):
    """What is sold."""

    __tablename__ = "product"
    sku: Mapped[str] = column(primary_key=True)
    title: Mapped[str]
    price: Mapped[int]


class Stock(Base):
    """How many there are of it."""

    __tablename__ = "stock"
    sku: Mapped[str] = column(primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]


class Coupon(Base):
    """A code, and its uses."""

    __tablename__ = "coupon"
    code: Mapped[str] = column(primary_key=True)
    percent: Mapped[int]
    uses: Mapped[int]
    most_uses: Mapped[int]


class Order(Base):
    """An order, with its lines."""

    __tablename__ = "orders"
    id: Mapped[str] = column(primary_key=True)
    number: Mapped[str] = column(unique=True)
    buyer: Mapped[str]
    state: Mapped[str]
    currency: Mapped[str]
    subtotal: Mapped[int] = column(sa.BigInteger)
    discount: Mapped[int] = column(sa.BigInteger)
    shipping: Mapped[int] = column(sa.BigInteger)
    total: Mapped[int] = column(sa.BigInteger)
    coupon: Mapped[str]
    placed_at: Mapped[str]
    lines: Mapped[list[OrderLine]] = orm.relationship(order_by="OrderLine.line_no")
    __table_args__ = (sa.Index("orders_by_buyer", "buyer", "placed_at"),)


class OrderLine(Base):
    """One line."""

    __tablename__ = "order_line"
    order_id: Mapped[str] = column(sa.ForeignKey("orders.id"), primary_key=True)
    line_no: Mapped[int] = column(primary_key=True)
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[int] = column(sa.BigInteger)
    discount: Mapped[int] = column(sa.BigInteger)
    shipping: Mapped[int] = column(sa.BigInteger)
    total: Mapped[int] = column(sa.BigInteger)


class Outbox(Base):
    """An event to be told."""

    __tablename__ = "outbox"
    id: Mapped[int] = column(primary_key=True)
    order_id: Mapped[str]
    type: Mapped[str]
    body: Mapped[str]
    at: Mapped[str]


LINE = ("line_no", "sku", "title", "quantity", "unit_price", "discount", "shipping", "total")


def open_bench(url: str) -> Bench:
    """A store with the catalog; the address is `sqlite:///path` or `postgresql:conninfo`."""
    engine = engine_at(url)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add_all(Product(sku=item.sku, title=item.title, price=item.price) for item in work.catalog())
        session.add_all(Stock(sku=item.sku, on_hand=work.STOCK, reserved=0) for item in work.catalog())
        session.add(Coupon(code=work.COUPON, percent=work.COUPON_BASIS_POINTS, uses=0, most_uses=work.COUPON_USES))
        session.commit()

    def facts() -> dict[str, int]:
        with orm.Session(engine) as session:
            orders, total = session.execute(sa.select(sa.func.count(), sa.func.sum(Order.total)).select_from(Order)).one()
            units, uses = session.scalar(sa.select(sa.func.sum(Stock.reserved))), session.scalar(sa.select(Coupon.uses))
        return work.facts(orders=orders, units=int(units), coupon_uses=uses, total=int(total))

    return Bench(run=lambda cart: place(engine, cart), tell=d.told, prepare=work.wanted, facts=facts, close=engine.dispose)


def engine_at(url: str) -> Any:
    """One connection; on SQLite the settings of the other sides, and transactions that begin with the write lock."""
    kind, _, rest = url.partition(":")
    if kind == "postgresql":
        psycopg = peer("psycopg")
        return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(rest, prepare_threshold=0), poolclass=sa.pool.StaticPool)

    def connect() -> sqlite3.Connection:
        return connected(rest.removeprefix("///"), "full")

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.StaticPool)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def place(engine: Any, cart: Wanted) -> d.Priced:
    """One order."""
    skus = [sku for sku, _ in cart.lines]
    with orm.Session(engine) as session:
        found = session.scalars(sa.select(Product).where(Product.sku.in_(skus)))
        products = {each.sku: {"sku": each.sku, "title": each.title, "seller_id": "house", "prices": [{"minor": each.price}]} for each in found}
        coupon = session.get_one(Coupon, work.COUPON)
        lines, sums = d.price(cart, products, {"code": coupon.code, "percent": coupon.percent})
        for sku, quantity in sorted(cart.lines):
            free = Stock.on_hand - Stock.reserved >= quantity
            taken = session.execute(sa.update(Stock).where(Stock.sku == sku, free).values(reserved=Stock.reserved + quantity))
            assert taken.rowcount == 1, "there is stock for every turn"
        order = order_of(cart, lines, sums)
        event = d.dumps({"order_id": order.id, "buyer": cart.buyer, **sums})
        session.add_all([order, Outbox(order_id=order.id, type="order_placed", body=event, at=d.AT_TEXT)])
        used = session.execute(sa.update(Coupon).where(Coupon.code == work.COUPON, Coupon.uses < Coupon.most_uses).values(uses=Coupon.uses + 1))
        assert used.rowcount == 1, "there are coupon uses for every turn"
        session.commit()
    return lines, sums


def order_of(cart: Wanted, lines: list[dict[str, Any]], sums: dict[str, int]) -> Any:
    """The rows of an order."""
    order_id = d.new_id()
    return Order(
        id=order_id,
        number=f"20250301-{order_id[-8:]}",
        buyer=cart.buyer,
        state="placed",
        currency=work.CURRENCY,
        shipping=work.SHIPPING,
        coupon=work.COUPON,
        placed_at=d.AT_TEXT,
        lines=[OrderLine(**{name: line[name] for name in LINE}) for line in lines],
        **sums,
    )
