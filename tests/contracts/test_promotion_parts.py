"""Our own conditions and effects keep the contract that we hold plug-ins to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from shopwright.money import Money
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import All, AnyOf, Birthday, CartQuantity, CartTotal, Code, Condition, During, NewBuyer, Not, NthOrder, OneOf
from shopwright.promotions.effects import Effect
from shopwright.promotions.matching import LineMatch, Named
from shopwright.promotions.windows import DateWindow, Recurring
from shopwright.testing import ConditionContract, EffectContract
from tests.properties.promotion_values import CODES, EFFECTS, MATCHES

PRICES = (Money(0, "EUR"), Money(4_000, "EUR"), Money(3_000, "USD"), Money(900_000, "JPY"))
AMOUNTS = st.sets(st.sampled_from(PRICES), max_size=3).map(lambda some: tuple({each.currency: each for each in some}.values()))
LINES: SearchStrategy[LineMatch] = st.one_of(
    MATCHES,
    st.sampled_from((Named("brand", "acme"), Named("category", "kitchen"), Named("seller", "north"), Named("product", ("drink", "boat")))),
)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WINDOWS = (
    DateWindow(starts=MONDAY, ends=MONDAY + timedelta(days=200)),
    Recurring("FREQ=WEEKLY;BYDAY=MO,TU,SA", first="2026-03-02T09:00", duration=timedelta(hours=30), zone="Asia/Tokyo"),
)
SIMPLE: SearchStrategy[Condition] = st.one_of(
    st.tuples(AMOUNTS, AMOUNTS, LINES).filter(lambda them: bool(them[0] or them[1])).map(lambda them: CartTotal(*them)),
    st.builds(CartQuantity, st.integers(0, 5), st.one_of(st.none(), st.integers(3, 9)), LINES),
    st.sampled_from((*map(Code, CODES), Code(("NEVER", "FRIEND")))),
    st.sampled_from((OneOf("tier", "gold"), OneOf("segment", ("vip", "press")), OneOf("channel", "app"), OneOf("channel", "kiosk"))),
    st.sampled_from((OneOf("payment_method", "card"), OneOf("ship_to", ("DE", "FR")), OneOf("buyer", ("ann", "eve")))),
    st.sampled_from((NthOrder(), NthOrder(2, 3), NthOrder(3, None), NewBuyer(30), NewBuyer(700))),
    st.sampled_from((*map(During, WINDOWS), Birthday(), Birthday(BirthdayWindow(days_before=40, days_after=40)))),
)
TREES: SearchStrategy[Condition] = st.recursive(
    SIMPLE,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda some: All(tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
        parts.map(Not),
    ),
    max_leaves=4,
)


class TestSimpleConditions(ConditionContract):
    def conditions(self) -> SearchStrategy[Condition]:
        return SIMPLE


class TestTreesOfConditions(ConditionContract):
    def conditions(self) -> SearchStrategy[Condition]:
        return TREES


class TestEffects(EffectContract):
    def effects(self) -> SearchStrategy[Effect]:
        return EFFECTS
