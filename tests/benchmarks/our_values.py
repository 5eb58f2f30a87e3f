"""Our side without a store: a cart priced and placed with the pure functions alone."""

from __future__ import annotations

from functools import cache
from random import Random

from shopwright import orders
from shopwright.catalog.products import Product
from shopwright.ids import OrderNumbers, new_id
from shopwright.members.actors import customer
from shopwright.members.addresses import Address
from shopwright.money import Money
from shopwright.payments.payment import Tender
from shopwright.pricing import Cart, CartLine, FlatShipping, PriceFacts, Quote, price
from shopwright.promotions.coupons import Coupon, coupon_key
from tests.benchmarks import work
from tests.benchmarks.work import Wanted

ADDRESS = Address("Ada Lovelace", ("12 Long Lane",), "London", postcode="N1 9RT", country="GB")
SHIPPING = FlatShipping("standard", work.SHIPPING)
COUPON = Coupon(work.COUPON, percent=work.COUPON_BASIS_POINTS, limited=True, title="Ten percent off")


@cache
def product(sku: str, *, round_prices: bool = False) -> Product:
    """A product of the catalog."""
    item = _items(round_prices=round_prices)[sku]
    return Product(item.sku, item.title, "house", (Money(item.price, work.CURRENCY),), weight_g=250)


def unit_price(sku: str, *, round_prices: bool = False) -> int:
    """The list price, in cents."""
    return _items(round_prices=round_prices)[sku].price


@cache
def _items(*, round_prices: bool) -> dict[str, work.Item]:
    return {item.sku: item for item in work.catalog(round_prices=round_prices)}


def cart(wanted: Wanted, *, coupon: bool = True) -> Cart:
    """A wanted cart as one of ours."""
    return Cart(work.CURRENCY, tuple(CartLine(sku, quantity) for sku, quantity in wanted.lines), work.COUPON if coupon else "")


def quoted(turn: int) -> Quote:
    """What the cart of this turn costs."""
    wanted = work.wanted(turn)
    facts = PriceFacts(tuple(product(sku) for sku, _ in wanted.lines), COUPON, SHIPPING)
    quote = price(cart(wanted), facts, at=work.AT)
    assert isinstance(quote, Quote), quote
    return quote


def placed(turn: int) -> orders.Decision:
    """The order of this turn, as it stands right after it was placed."""
    wanted, rng, quote = work.wanted(turn), Random(turn), quoted(turn)
    placement = orders.Placement(
        id=new_id(at=work.AT, rng=rng.randbytes),
        number=OrderNumbers().make(at=work.AT, rng=rng.randbytes),
        buyer_id=wanted.buyer,
        ship_to=ADDRESS,
        tenders=(Tender(method="card", amount=quote.total, gateway="fake"),),
        shipping_method=SHIPPING.method,
    )
    claims = (*quote.stock_wanted(), (coupon_key(work.COUPON), 1))
    decided = orders.place(quote, placement, terms=orders.Terms(), claims=claims, by=customer(wanted.buyer), at=work.AT)
    assert isinstance(decided, orders.Decision), decided
    return decided
