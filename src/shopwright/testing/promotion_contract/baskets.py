"""Random baskets with all that a condition or an effect can look at, and what earlier promotions may have left of them.

@given(baskets())               a basket, mostly a small one of a few names
@given(tabs(basket))            that basket after any takings that keep the rules

Rules
- few names, so that lines have much in common, and now and then amounts, quantities and times at the ends of what is allowed;
- all that may be not known sometimes is not;
- all of them shrink towards one unit of one cheap thing and a buyer of whom nothing is known.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from shopwright.promotions.basket import MAX_QUANTITY, Basket, BasketLine, Buyer
from shopwright.promotions.taking import Tab, Taken

SKUS, TAGS, CODES = ("tea", "cup", "pot", "mat"), ("new", "green", "summer"), ("SPRING", "FRIEND")
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY", "KWD")
FIRST, LAST = datetime(2, 1, 1), datetime(9998, 12, 31)  # noqa: DTZ001  # Hypothesis puts the zone on them

lines: st.SearchStrategy[BasketLine] = st.builds(
    BasketLine,
    sku=st.sampled_from(SKUS),
    quantity=st.one_of(st.integers(1, 6), st.integers(1, 6), st.integers(1, MAX_QUANTITY)),
    unit_price=st.one_of(st.integers(1, 5_000), st.just(0), st.integers(0, 10**9)),
    product=st.sampled_from(("", "drink", "ware")),
    seller=st.sampled_from(("", "north", "south")),
    brand=st.sampled_from(("", "acme", "ubu", "凛")),
    categories=st.frozensets(st.sampled_from(("kitchen", "kitchen/cups", "home"))),
    tags=st.frozensets(st.sampled_from(TAGS)),
    floor=st.one_of(st.just(0), st.integers(0, 3_000)),
    reduced=st.booleans(),
    off=st.one_of(st.just(0), st.integers(0, 5_000)),
)
"""Lines of goods."""

times = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # as above
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
)
"""Moments, mostly of our days."""

buyers = st.builds(
    Buyer,
    id=st.sampled_from(("", "ann", "bob")),
    tier=st.sampled_from((None, "basic", "gold")),
    segments=st.one_of(st.none(), st.frozensets(st.sampled_from(("vip", "staff")))),
    orders=st.one_of(st.none(), st.integers(0, 5)),
    joined_at=st.one_of(st.none(), times),
    born=st.one_of(st.none(), st.dates(date(1930, 1, 1), date(2020, 12, 31))),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York")),
)
"""Buyers of whom more or less is known."""


def baskets(*, most_lines: int = 6) -> st.SearchStrategy[Basket]:
    """Baskets of one to so many lines."""
    return st.builds(
        Basket,
        currency=st.sampled_from(CURRENCIES),
        lines=st.lists(lines, min_size=1, max_size=most_lines).map(tuple),
        at=times,
        codes=st.frozensets(st.sampled_from(CODES)),
        shipping=st.sampled_from((0, 499, 1_000)),
        channel=st.sampled_from(("", "app", "web")),
        payment_method=st.sampled_from((None, "card", "invoice")),
        ship_to=st.sampled_from((None, "DE", "JP")),
        buyer=buyers,
    )


def _up_to(most: int) -> st.SearchStrategy[int]:
    """From nothing to all of it, often one of both."""
    return st.one_of(st.just(0), st.just(most), st.integers(0, most))


@st.composite
def takings(draw: st.DrawFn, basket: Basket) -> Taken:
    """What other promotions may have taken: no line below its floor, no more units than there are, no more than shipping costs."""
    rooms = Tab(basket)
    return Taken(
        parts=tuple([draw(_up_to(rooms.room(place))) for place in range(len(basket.lines))]),
        used=tuple([draw(_up_to(line.quantity)) for line in basket.lines]),
        shipping=draw(_up_to(basket.shipping)),
    )


def tabs(basket: Basket) -> st.SearchStrategy[Tab]:
    """What is left of a basket after any takings."""
    return takings(basket).map(lambda taken: tab_after(basket, taken))


def tab_after(basket: Basket, *taken: Taken) -> Tab:
    """What is left of a basket after these takings."""
    tab = Tab(basket)
    for each in taken:
        tab.take(each)
    return tab
