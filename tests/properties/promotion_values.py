"""Random baskets, promotions of every effect, and stacking rules of every kind, small enough that all sets can be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shopwright.money import Money, Rounding
from shopwright.promotions.amounts import Amount
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.conditions import ALWAYS, All, AnyOf, CartQuantity, CartTotal, Code, Condition, Issued, NewBuyer, Not, NthOrder, OneOf
from shopwright.promotions.effects import AcrossOff, Aim, Cap, EachOff, Effect, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import By, Extra, IfGone, Ladder, Rung, ShippingOff
from shopwright.promotions.matching import ANYTHING, Either, Every, Except, LineMatch, Named, NotReduced, Priced, Quantity
from shopwright.promotions.promotion import AimLimit, Group, Promotion, Stacking
from shopwright.promotions.taking import Basis, Gift, Pick
from shopwright.promotions.units import Bundle, BuyGet, EveryNth, Part

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SKUS, TAGS, CODES = ("tea", "cup", "pot", "mat"), ("new", "green"), ("SPRING", "FRIEND")


def money(least: int = 1, most: int = 6_000) -> st.SearchStrategy[Money]:
    """Some euro and cents."""
    return st.integers(least, most).map(lambda minor: Money(minor, "EUR"))


LINES: st.SearchStrategy[BasketLine] = st.builds(
    BasketLine,
    sku=st.sampled_from(SKUS),
    quantity=st.integers(1, 5),
    unit_price=st.one_of(st.just(0), st.integers(1, 5_000)),
    tags=st.frozensets(st.sampled_from(TAGS)),
    floor=st.one_of(st.just(0), st.integers(0, 3_000)),
    reduced=st.booleans(),
    off=st.one_of(st.just(0), st.integers(0, 6_000)),
)

BUYERS = st.builds(
    Buyer,
    id=st.sampled_from(("", "ann")),
    tier=st.sampled_from((None, "gold", "basic")),
    segments=st.one_of(st.none(), st.frozensets(st.sampled_from(("vip", "staff")))),
    orders=st.one_of(st.none(), st.integers(0, 3)),
    joined_at=st.one_of(st.none(), st.integers(0, 60).map(lambda days: AT - timedelta(days=days))),
)

BASKETS: st.SearchStrategy[Basket] = st.builds(
    Basket,
    currency=st.just("EUR"),
    lines=st.lists(LINES, min_size=1, max_size=5).map(tuple),
    at=st.just(AT),
    codes=st.frozensets(st.sampled_from(CODES)),
    shipping=st.sampled_from((0, 499, 1_000)),
    channel=st.sampled_from(("", "app")),
    payment_method=st.sampled_from((None, "card")),
    buyer=BUYERS,
)

MATCHES: st.SearchStrategy[LineMatch] = st.recursive(
    st.one_of(
        st.just(ANYTHING),
        st.frozensets(st.sampled_from(SKUS), min_size=1).map(lambda skus: Named("sku", skus)),
        st.frozensets(st.sampled_from(TAGS), min_size=1).map(lambda tags: Named("tag", tags)),
        st.just(NotReduced()),
        st.builds(Priced, least=money(0, 2_000)),
        st.builds(Quantity, least=st.integers(1, 3)),
    ),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=2).map(lambda some: Every(tuple(some))),
        st.lists(parts, min_size=1, max_size=2).map(lambda some: Either(tuple(some))),
        parts.map(Except),
    ),
    max_leaves=3,
)

BASES, PICKS, ROUNDINGS = st.sampled_from(Basis), st.sampled_from(Pick), st.sampled_from(Rounding)
RATES = st.integers(1, 10_000)
SOME = money().map(lambda each: (each, Amount(Money(each.minor + 100, "EUR"), "app")))
CAPS = st.builds(
    Cap,
    per_unit=st.one_of(st.just(()), money()),
    per_line=st.one_of(st.just(()), money()),
    per_order=st.one_of(st.just(()), money()),
    units=st.one_of(st.none(), st.integers(1, 4)),
    pick=PICKS,
)
WORTHS = st.one_of(st.just(()), money(1, 900))
LEFT_OUT_OR_NOT_TAKEN = st.sampled_from((IfGone.LEAVE_OUT, IfGone.NOT_TAKEN))
TIMES = st.one_of(st.none(), st.integers(1, 3))


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """By spend or by quantity."""
    by = draw(st.sampled_from(By))
    steps = sorted(draw(st.sets(st.integers(1, 8), min_size=1, max_size=3)))
    rungs = []
    for step in steps:
        off = {"percent": draw(RATES)} if draw(st.booleans()) else {"off": draw(money())}
        rungs.append(Rung(units=step, **off) if by is By.QUANTITY else Rung(spend=Money(step * 700, "EUR"), **off))  # type: ignore[arg-type]  # as drawn
    return Ladder(by, tuple(rungs), draw(MATCHES), draw(BASES), draw(CAPS))


EFFECTS: st.SearchStrategy[Effect] = st.one_of(
    st.builds(Percent, RATES, MATCHES, BASES, CAPS, ROUNDINGS, st.sampled_from((Aim.LINE, Aim.ORDER))),
    st.builds(EachOff, SOME, MATCHES, CAPS),
    st.builds(AcrossOff, SOME, MATCHES, CAPS),
    st.builds(OnceOff, SOME, MATCHES, PICKS),
    st.builds(FixedPrice, money(0, 3_000), MATCHES, CAPS),
    ladders(),
    st.one_of(st.builds(ShippingOff, percent=RATES), st.builds(ShippingOff, off=money(1, 800))),
    st.builds(Extra, gifts=st.builds(Gift, st.just("mug"), st.integers(1, 2)).map(lambda it: (it,)), worth=WORTHS, if_gone=LEFT_OUT_OR_NOT_TAKEN),
    st.builds(Extra, points=st.integers(1, 100), worth=WORTHS),
    st.builds(Extra, points_rate=st.integers(1, 30_000), coupons=st.sampled_from(((), ("next-time",))), worth=WORTHS),
    st.builds(BuyGet, st.integers(1, 3), st.integers(1, 2), MATCHES, MATCHES, RATES, PICKS, BASES, TIMES),
    st.builds(BuyGet, st.integers(1, 3), st.integers(1, 2), MATCHES, MATCHES, pick=PICKS, times=TIMES, off=SOME),
    st.builds(EveryNth, st.integers(2, 3), RATES, MATCHES, BASES, TIMES),
    st.builds(Bundle, st.lists(st.builds(Part, st.integers(1, 2), MATCHES), min_size=1, max_size=2).map(tuple), money(0, 6_000), st.integers(1, 3)),
)

CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(
        st.just(ALWAYS),
        st.builds(CartTotal, least=money(0, 8_000), lines=MATCHES),
        st.builds(CartTotal, most=money(1_000, 20_000)),
        st.builds(CartQuantity, least=st.integers(0, 4), lines=MATCHES),
        st.sampled_from(CODES).map(Code),
        st.just(Issued("ten")),
        st.just(OneOf("tier", "gold")),
        st.just(OneOf("segment", "vip")),
        st.just(OneOf("channel", "app")),
        st.just(OneOf("payment_method", "card")),
        st.just(NthOrder()),
        st.just(NewBuyer(30)),
    ),
    lambda parts: st.one_of(
        st.lists(parts, max_size=2).map(lambda some: All(tuple(some))),
        st.lists(parts, min_size=1, max_size=2).map(lambda some: AnyOf(tuple(some))),
        parts.map(Not),
    ),
    max_leaves=3,
)


@st.composite
def promotion_sets(draw: st.DrawFn, *, least: int = 1, most: int = 6, when: st.SearchStrategy[Condition] = CONDITIONS) -> tuple[Promotion, ...]:
    """Some promotions with ids of their own."""
    count = draw(st.integers(least, most))
    return tuple([draw(_promotion(f"p{number:x}", when)) for number in range(count)])


def _promotion(id: str, when: st.SearchStrategy[Condition]) -> st.SearchStrategy[Promotion]:
    return st.builds(
        Promotion,
        id=st.just(id),
        effects=st.lists(EFFECTS, min_size=1, max_size=2).map(tuple),
        when=when,
        lane=st.sampled_from(("catalog", "cart")),
        priority=st.integers(0, 2),
        group=st.sampled_from(("", "a", "b")),
        exclusive=st.sampled_from((False, False, False, True)),
        tags=st.frozensets(st.sampled_from(("x", "y"))),
        excludes=st.frozensets(st.sampled_from(("x", "p0", "p3")), max_size=1),
        beside=st.sampled_from((frozenset(Aim), frozenset(Aim), frozenset((Aim.LINE, Aim.SHIPPING, Aim.EXTRA)))),
        ends=st.sampled_from((None, AT + timedelta(days=1), AT + timedelta(days=2))),
    )


STACKINGS: st.SearchStrategy[Stacking] = st.builds(
    Stacking,
    lanes=st.permutations(("catalog", "cart")).map(tuple),
    groups=st.sampled_from(((), (Group("a"),), (Group("a"), Group("b", 2)))),
    aims=st.sampled_from(((), (AimLimit(Aim.ORDER),), (AimLimit(Aim.LINE, 2),))),
    most=st.sampled_from((None, None, 1, 2, 3)),
)
