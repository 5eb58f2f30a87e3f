"""Place-order with django-oscar, as its checkout does it: load the basket, apply offers and voucher, `place_order`, record the payment source.

No HTTP, no templates and no mail: one `atomic` block. The basket is built before the clock starts.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.peers.django_orm import database_at
from tests.benchmarks.sides import Bench, peer

CONTRIB = "auth contenttypes sessions messages sites flatpages"
APPS = "analytics checkout address shipping catalogue communication partner basket payment offer order customer search voucher wishlists dashboard"
DASHBOARD = "reports users orders catalogue offers partners pages ranges reviews vouchers communications shipping"


class NoMigrations:
    """Tables straight from the models: the same tables, in a second instead of a minute."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


def set_up(url: str) -> None:
    """Django with Oscar's apps and an empty database."""
    defaults = peer("oscar.defaults")
    apps = [f"django.contrib.{name}" for name in CONTRIB.split()]
    apps += ["oscar.config.Shop", "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig"]
    apps += [f"oscar.apps.{name}.apps.{name.capitalize()}Config" for name in APPS.split()]
    apps += [f"oscar.apps.dashboard.{name}.apps.{name.capitalize()}DashboardConfig" for name in DASHBOARD.split()]
    peer("django.conf").settings.configure(
        SECRET_KEY="a benchmark has no secrets",
        DATABASES={"default": database_at(url)},
        INSTALLED_APPS=[*apps, "haystack", "treebeard"],
        MIGRATION_MODULES=NoMigrations(),
        USE_TZ=True,
        SITE_ID=1,
        MIDDLEWARE=[],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        **{name: getattr(defaults, name) for name in dir(defaults) if name.startswith("OSCAR")}
        | {"OSCAR_DEFAULT_CURRENCY": work.CURRENCY, "OSCAR_INITIAL_ORDER_STATUS": "Pending", "OSCAR_INITIAL_LINE_STATUS": "Pending"},
    )
    peer("django").setup()
    peer("django.core.management").call_command("migrate", run_syncdb=True, verbosity=0)


def classes() -> Any:
    """Oscar's classes by their last name, through its own loader."""
    loading = peer("oscar.core.loading")
    models = "catalogue.Product catalogue.ProductClass partner.Partner partner.StockRecord basket.Basket voucher.Voucher offer.Range offer.Condition"
    models += " offer.Benefit offer.ConditionalOffer address.Country order.ShippingAddress order.Order payment.SourceType payment.Source"
    others = "order.utils.OrderCreator partner.strategy.Default offer.applicator.Applicator shipping.methods.FixedPrice"
    others += " checkout.calculators.OrderTotalCalculator"
    found = {name.rpartition(".")[2]: loading.get_model(*name.split(".")) for name in models.split()}
    found |= {name.rpartition(".")[2]: loading.get_class(*name.rsplit(".", 1)) for name in others.split()}
    return SimpleNamespace(**found)


def fill(oscar: Any) -> Any:
    """The catalog with tracked stock, the voucher, a customer, and what an order needs besides."""
    kind = oscar.ProductClass.objects.create(name="thing", requires_shipping=True, track_stock=True)
    partner = oscar.Partner.objects.create(name="house")
    items = work.catalog(round_prices=True)
    made = oscar.Product.objects.bulk_create(
        oscar.Product(title=item.title, slug=item.sku, product_class=kind, structure="standalone", upc=item.sku) for item in items
    )
    products = dict(zip((item.sku for item in items), made, strict=True))
    oscar.StockRecord.objects.bulk_create(
        oscar.StockRecord(
            product=products[item.sku],
            partner=partner,
            partner_sku=item.sku,
            price=Decimal(item.price) / 100,
            price_currency=work.CURRENCY,
            num_in_stock=10**9,
        )
        for item in items
    )
    everything = oscar.Range.objects.create(name="all", includes_all_products=True)
    condition = oscar.Condition.objects.create(range=everything, type="Count", value=1)
    benefit = oscar.Benefit.objects.create(range=everything, type="Percentage", value=Decimal(work.COUPON_BASIS_POINTS) / 100)
    offer = oscar.ConditionalOffer.objects.create(name=work.COUPON, offer_type="Voucher", condition=condition, benefit=benefit)
    begin, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2020, 2099))
    voucher = oscar.Voucher.objects.create(name=work.COUPON, code=work.COUPON, usage="Multi-use", start_datetime=begin, end_datetime=end)
    voucher.offers.add(offer)
    country = oscar.Country.objects.create(iso_3166_1_a2="GB", iso_3166_1_a3="GBR", printable_name="UK", name="UK", is_shipping_country=True)
    user = peer("django.contrib.auth").get_user_model().objects.create_user("ada", "ada@example.org", "secret")
    source = oscar.SourceType.objects.create(name="card", code="card")
    shipping = oscar.FixedPrice(*[Decimal(work.SHIPPING) / 100] * 2)
    return SimpleNamespace(products=products, voucher=voucher, country=country, user=user, source=source, shipping=shipping)


def offer_elsewhere(oscar: Any, count: int) -> None:
    """Offers that are running, each on a product of its own that no basket has."""
    kind = oscar.ProductClass.objects.get()
    for sku in work.offered_elsewhere(count):
        product = oscar.Product.objects.create(title=sku, slug=sku, product_class=kind, structure="standalone", upc=sku)
        only = oscar.Range.objects.create(name=sku)
        only.add_product(product)
        condition = oscar.Condition.objects.create(range=only, type="Count", value=1)
        benefit = oscar.Benefit.objects.create(range=only, type="Percentage", value=Decimal(work.COUPON_BASIS_POINTS) / 100)
        oscar.ConditionalOffer.objects.create(name=sku, offer_type="Site", condition=condition, benefit=benefit)


def open_bench(url: str, offers: int = 0) -> Bench:
    """A shop with the catalog; `prepare` builds a basket and `run` makes an order of it."""
    set_up(url)
    oscar, db = classes(), peer("django.db")
    with db.transaction.atomic():
        shop = fill(oscar)
        offer_elsewhere(oscar, offers)

    def run(basket_id: int) -> Any:
        with db.transaction.atomic():
            return place(oscar, shop, basket_id)

    def facts() -> dict[str, int]:
        total = sum(order.total_incl_tax for order in oscar.Order.objects.all())
        units = oscar.StockRecord.objects.aggregate(units=db.models.Sum("num_allocated"))["units"]
        uses = oscar.Voucher.objects.get().num_orders
        return work.facts(orders=oscar.Order.objects.count(), units=units, coupon_uses=uses, total=cents(total))

    return Bench(run=run, tell=told, prepare=lambda turn: basket_of(oscar, shop, turn), facts=facts, close=db.connection.close)


def basket_of(oscar: Any, shop: Any, turn: int) -> int:
    """A basket as the customer left it."""
    with peer("django.db").transaction.atomic():
        basket = oscar.Basket.objects.create(owner=shop.user)
        basket.strategy = oscar.Default(None)
        for sku, quantity in work.wanted(turn).lines:
            basket.add_product(shop.products[sku], quantity)
        basket.vouchers.add(shop.voucher)
    return int(basket.pk)


def place(oscar: Any, shop: Any, basket_id: int) -> Any:
    """One order."""
    basket = oscar.Basket.objects.get(pk=basket_id)
    basket.strategy = oscar.Default(None)
    oscar.Applicator().apply(basket, shop.user, None)
    charge = shop.shipping.calculate(basket)
    total = oscar.OrderTotalCalculator().calculate(basket, charge)
    address = oscar.ShippingAddress.objects.create(
        first_name="Ada", last_name="Lovelace", line1="12 Long Lane", line4="London", postcode="N1 9RT", country=shop.country
    )
    order = oscar.OrderCreator().place_order(
        basket=basket,
        total=total,
        shipping_method=shop.shipping,
        shipping_charge=charge,
        user=shop.user,
        shipping_address=address,
        order_number=str(100_000 + basket_id),
    )
    oscar.Source.objects.create(source_type=shop.source, currency=work.CURRENCY, amount_allocated=total.incl_tax, order=order)
    basket.submit()
    return order


def told(order: Any) -> dict[str, Any]:
    """The answer as all sides put it."""
    lines = list(order.lines.order_by("id"))
    before = [cents(line.line_price_before_discounts_incl_tax) for line in lines]
    parts = [full - cents(line.line_price_incl_tax) for full, line in zip(before, lines, strict=True)]
    return work.told(subtotal=sum(before), discount=sum(parts), total=cents(order.total_incl_tax), parts=parts)


def cents(amount: Decimal) -> int:
    """An amount in cents; these have no finer ones."""
    return int(amount * 100)
