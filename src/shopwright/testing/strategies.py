"""Hypothesis strategies for orders and what leads to them. All of them shrink towards one cheap thing in one plain order.

@given(orders())            an order somewhere in its life
@given(histories())         the events of such an order
@given(place_commands())    a command to place an order
"""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from shopwright.flows.commands import PlaceOrder
from shopwright.money import Money
from shopwright.orders.decision import Decision
from shopwright.orders.events import OrderEvent
from shopwright.orders.order import Order
from shopwright.orders.terms import ApprovalRule, CaptureWhen, Terms
from shopwright.payments.payment import Tender
from shopwright.pricing.facts import FlatShipping, NoShipping, Shipping
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.promotion import Promotion
from shopwright.testing.builders import ANN, NOON, Sold, a_cart, a_decision, a_gift, a_quote, a_tender, a_voucher, an_address, cash, sold
from shopwright.testing.move import Move
from shopwright.testing.moves import moves

skus = st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=12)
"""Skus as shops have them."""

amounts = st.integers(min_value=0, max_value=1_000_000)
"""Amounts in minor units, from nothing to ten thousand euros."""

terms = st.builds(
    Terms,
    capture=st.sampled_from(CaptureWhen),
    approval=st.builds(ApprovalRule, nobody=st.booleans()),
    tolerance=st.integers(min_value=0, max_value=2),
)
"""Terms of every sort."""


@st.composite
def goods(draw: st.DrawFn, *, most_lines: int = 4, most_units: int = 5) -> tuple[Sold, ...]:
    """What a cart is filled with: different skus, some of which do not travel, some whose stock is not counted."""
    names = draw(st.lists(skus, min_size=1, max_size=most_lines, unique=True))
    units = st.integers(min_value=1, max_value=most_units)
    return tuple(sold(sku, draw(units), draw(amounts), ships=not draw(st.booleans()), tracked=not draw(st.booleans())) for sku in names)


shippings: st.SearchStrategy[Shipping] = st.one_of(st.just(NoShipping()), st.builds(FlatShipping, st.just("post"), st.integers(0, 2_000)))
"""What shipping may cost."""

coupons: st.SearchStrategy[Coupon | None] = st.one_of(
    st.none(),
    st.builds(lambda percent: Coupon("SPRING", percent=percent), st.integers(1, 10_000)),
    st.builds(lambda minor: Coupon("SPRING", amounts=(Money(minor, "EUR"),)), st.integers(1, 5_000)),
)
"""No coupon, a share, or an amount."""

gifts: st.SearchStrategy[tuple[Promotion, ...]] = st.one_of(
    st.just(()),
    st.builds(lambda units: (a_gift("MUG", units),), st.integers(1, 3)),
    st.builds(lambda points: (a_gift("MUG", points=points, coupons=("next-time",)), a_gift("CAP", points_rate=20_000)), st.integers(0, 500)),
)
"""Promotions that give nothing, a gift, or gifts with points and coupons."""


@st.composite
def tenders(draw: st.DrawFn, total: int) -> tuple[Tender, ...]:
    """One to three tenders that add up to a total; none for nothing."""
    if not total:
        return ()
    cuts = sorted(draw(st.lists(st.integers(min_value=1, max_value=total - 1), max_size=2, unique=True))) if total > 2 else []
    parts = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]
    return tuple(draw(_tender_of(part)) for part in parts)


def _tender_of(amount: int) -> st.SearchStrategy[Tender]:
    return st.sampled_from([a_tender(amount), a_voucher(amount), cash(amount), a_tender(amount, capture=False)])


@st.composite
def placings(draw: st.DrawFn, *, at: datetime = NOON) -> Decision:
    """An order that was just placed, with its events. A coupon that would take nothing off is left out."""
    wanted, shipping, coupon, thanks = draw(goods()), draw(shippings), draw(coupons), draw(gifts)
    worth = sum(it.price * it.quantity for it in wanted)
    quote = a_quote(*wanted, shipping=shipping, coupon=coupon if worth > 10_000 else None, promotions=thanks, at=at)
    return a_decision(quote=quote, tenders=draw(tenders(quote.total)), terms=draw(terms), at=at)


@st.composite
def lives(draw: st.DrawFn, *, most_moves: int = 30, at: datetime = NOON) -> Decision:
    """An order after some of all that can happen to it, with its whole history."""
    life = draw(placings(at=at))
    for _ in range(draw(st.integers(min_value=0, max_value=most_moves))):
        move = draw(next_moves(life.order, at=at))
        step = move.taken(life.order)
        if step is not None:
            life = Decision(step.order, (*life.events, *step.events))
    return life


def next_moves(order: Order, *, at: datetime = NOON) -> st.SearchStrategy[Move]:
    """A move that may be tried next; the order may refuse it."""
    return st.sampled_from(list(moves(order, at=at)))


def orders(*, most_moves: int = 30) -> st.SearchStrategy[Order]:
    """An order somewhere in its life."""
    return lives(most_moves=most_moves).map(lambda life: life.order)


def histories(*, most_moves: int = 30) -> st.SearchStrategy[tuple[OrderEvent, ...]]:
    """The events of an order somewhere in its life; `fold` makes the order of them."""
    return lives(most_moves=most_moves).map(lambda life: life.events)


@st.composite
def place_commands(draw: st.DrawFn) -> PlaceOrder:
    """A command to place an order, whose tenders pay for it when its goods cost what they say and shipping is free."""
    wanted = draw(goods())
    total = sum(it.price * it.quantity for it in wanted)
    return PlaceOrder(
        key=draw(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)),
        by=ANN,
        buyer_id="ann",
        cart=a_cart(*wanted),
        ship_to=an_address(),
        tenders=draw(tenders(total)),
    )


__all__ = [
    "amounts",
    "coupons",
    "gifts",
    "goods",
    "histories",
    "lives",
    "next_moves",
    "orders",
    "place_commands",
    "placings",
    "shippings",
    "skus",
    "tenders",
    "terms",
]
