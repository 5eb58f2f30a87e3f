"""Place-order with Django's ORM: the rows of the naive way, as its manual writes them, in one `atomic` block with `bulk_create` for the lines."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.sides import Bench, peer
from tests.benchmarks.work import Wanted

django = peer("django")
LINE = ("line_no", "sku", "title", "quantity", "unit_price", "discount", "shipping", "total")


def database_at(url: str) -> dict[str, Any]:
    """Django's setting for `sqlite:///path` or `postgresql:conninfo`, with the durability of the other sides."""
    kind, _, rest = url.partition(":")
    if kind == "postgresql":
        told = peer("psycopg.conninfo").conninfo_to_dict(rest)
        place = {"NAME": told["dbname"], "USER": told["user"], "HOST": told["host"], "PORT": told["port"]}
        return {"ENGINE": "django.db.backends.postgresql", **place, "CONN_MAX_AGE": None, "OPTIONS": {"server_side_binding": True}}
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384"
    options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE"}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": rest.removeprefix("///"), "OPTIONS": options}


def models() -> Any:
    """The models; they can be made only once Django is set up."""
    m = peer("django.db.models")
    made: dict[str, Any] = {}

    def model(name: str, **fields: Any) -> None:
        meta = type("Meta", (), {"app_label": "shop", **fields.pop("meta", {})})
        made[name] = type(name, (m.Model,), {"__module__": __name__, "Meta": meta, **fields})

    def text(**more: Any) -> Any:
        return m.CharField(max_length=200, **more)

    amounts = ("subtotal", "discount", "shipping", "total")
    model("Product", sku=text(primary_key=True), title=text(), price=m.IntegerField())
    model("Stock", sku=text(primary_key=True), on_hand=m.IntegerField(), reserved=m.IntegerField())
    model("Coupon", code=text(primary_key=True), percent=m.IntegerField(), uses=m.IntegerField(), most_uses=m.IntegerField())
    model(
        "Order",
        id=text(primary_key=True),
        number=text(unique=True),
        **{name: text() for name in ("buyer", "state", "currency", "coupon", "placed_at")},
        **{name: m.BigIntegerField() for name in amounts},
        meta={"indexes": [m.Index(fields=["buyer", "placed_at"], name="orders_by_buyer")]},
    )
    model(
        "OrderLine",
        order=m.ForeignKey(made["Order"], on_delete=m.CASCADE, related_name="lines"),
        **{name: text() for name in ("sku", "title")},
        **{name: m.BigIntegerField() for name in LINE if name not in {"sku", "title"}},
        meta={"constraints": [m.UniqueConstraint(fields=["order", "line_no"], name="line_no_once")]},
    )
    model("Outbox", order_id=text(), type=text(), body=m.TextField(), at=text())
    return type("Models", (), made)


def open_bench(url: str) -> Bench:
    """A store with the catalog."""
    peer("django.conf").settings.configure(DATABASES={"default": database_at(url)}, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()
    shop, db = models(), peer("django.db")
    with db.connection.schema_editor() as editor:
        for name in ("Product", "Stock", "Coupon", "Order", "OrderLine", "Outbox"):
            editor.create_model(getattr(shop, name))
    shop.Product.objects.bulk_create(shop.Product(sku=item.sku, title=item.title, price=item.price) for item in work.catalog())
    shop.Stock.objects.bulk_create(shop.Stock(sku=item.sku, on_hand=work.STOCK, reserved=0) for item in work.catalog())
    shop.Coupon.objects.create(code=work.COUPON, percent=work.COUPON_BASIS_POINTS, uses=0, most_uses=work.COUPON_USES)

    def facts() -> dict[str, int]:
        total = shop.Order.objects.aggregate(total=db.models.Sum("total"))["total"]
        units = shop.Stock.objects.aggregate(units=db.models.Sum("reserved"))["units"]
        return work.facts(orders=shop.Order.objects.count(), units=int(units), coupon_uses=shop.Coupon.objects.get().uses, total=int(total))

    def run(cart: Wanted) -> d.Priced:
        with db.transaction.atomic():
            return place(shop, db.models.F, cart)

    return Bench(run=run, tell=d.told, prepare=work.wanted, facts=facts, close=db.connection.close)


def place(shop: Any, field: Any, cart: Wanted) -> d.Priced:
    """One order."""
    found = shop.Product.objects.in_bulk([sku for sku, _ in cart.lines])
    products = {sku: {"sku": sku, "title": each.title, "seller_id": "house", "prices": [{"minor": each.price}]} for sku, each in found.items()}
    coupon = shop.Coupon.objects.get(code=work.COUPON)
    lines, sums = d.price(cart, products, {"code": coupon.code, "percent": coupon.percent})
    for sku, quantity in sorted(cart.lines):
        taken = shop.Stock.objects.filter(sku=sku, on_hand__gte=field("reserved") + quantity).update(reserved=field("reserved") + quantity)
        assert taken == 1, "there is stock for every turn"
    order_id = d.new_id()
    order = shop.Order.objects.create(
        id=order_id,
        number=f"20250301-{order_id[-8:]}",
        buyer=cart.buyer,
        state="placed",
        currency=work.CURRENCY,
        shipping=work.SHIPPING,
        coupon=work.COUPON,
        placed_at=d.AT_TEXT,
        **sums,
    )
    shop.OrderLine.objects.bulk_create(shop.OrderLine(order=order, **{name: line[name] for name in LINE}) for line in lines)
    used = shop.Coupon.objects.filter(code=work.COUPON, uses__lt=field("most_uses")).update(uses=field("uses") + 1)
    assert used == 1, "there are coupon uses for every turn"
    event = d.dumps({"order_id": order_id, "buyer": cart.buyer, **sums})
    shop.Outbox.objects.create(order_id=order_id, type="order_placed", body=event, at=d.AT_TEXT)
    return lines, sums
