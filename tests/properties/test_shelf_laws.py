"""The laws of price rules: a page and a cart tell one price, flash prices are never oversold, and order changes nothing."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog import Product
from shopwright.money import Money
from shopwright.pricing import Cart, CartLine, Offers, PriceFacts, Prices, Quote, ShelfPrice, disagreements, price, replay, shelf_price
from shopwright.promotions.engine import Engine
from shopwright.promotions.matching import LineMatch, Quantity
from shopwright.promotions.price_rules import Audience, Beyond, CatalogPrice, MemberPrice, PercentOff, PriceBook, PriceRule, SetPrice
from shopwright.promotions.windows import DateWindow
from tests.properties.promotion_values import AT, BASES, BUYERS, MATCHES, RATES, ROUNDINGS, STACKINGS, TAGS, money, promotion_sets

HOURS = st.integers(-3, 3).map(lambda hours: AT + timedelta(hours=hours))
CHANGES = st.one_of(st.builds(SetPrice, money(0, 4_000)), st.builds(PercentOff, RATES, BASES, ROUNDINGS))
AUDIENCES = st.sampled_from((Audience(tiers="gold"), Audience(segments="vip"), Audience(members="ann"), Audience(tiers="basic", segments="staff")))


@st.composite
def _windows(draw: st.DrawFn) -> DateWindow:
    starts, ends = draw(st.tuples(st.one_of(st.none(), HOURS), st.one_of(st.none(), HOURS)))
    if starts is not None and ends is not None and ends <= starts:
        ends = starts + timedelta(hours=1)
    return DateWindow(starts, ends)


def _rule(id: str, lines: st.SearchStrategy[LineMatch]) -> st.SearchStrategy[PriceRule]:
    both = {"id": st.just(id), "to": CHANGES, "lines": lines, "window": _windows(), "channels": st.sampled_from(((), ("app",)))}
    counts = st.one_of(st.none(), st.integers(1, 6))
    flash = st.builds(CatalogPrice, units=counts, units_per_member=counts, beyond=st.sampled_from(Beyond), **both)  # type: ignore[arg-type]  # as drawn
    return st.one_of(st.builds(MemberPrice, who=AUDIENCES, **both), flash)  # type: ignore[arg-type]  # as drawn


@st.composite
def ruled(draw: st.DrawFn, lines: st.SearchStrategy[LineMatch] = MATCHES) -> tuple[Cart, PriceFacts]:
    """A cart, and facts with price rules and promotions."""
    rules = tuple(draw(_rule(f"r{number}", lines)) for number in range(draw(st.integers(1, 4))))
    left = {rule.id: draw(st.integers(0, 6)) for rule in rules if draw(st.booleans())}
    products = tuple(
        Product(
            sku,
            sku.title(),
            "house",
            (Money(draw(st.integers(0, 5_000)), "EUR"),),
            tags=tuple(sorted(draw(st.frozensets(st.sampled_from(TAGS))))),
            floors=draw(st.sampled_from(((), (Money(300, "EUR"),)))),
        )
        for sku in ("tea", "cup", "pot")
    )
    wanted = draw(st.lists(st.tuples(st.sampled_from(("tea", "cup", "pot")), st.integers(1, 5)), min_size=1, max_size=4))
    buyer = draw(BUYERS)
    engine = Engine(draw(promotion_sets(most=3)), stacking=draw(STACKINGS))
    offers = draw(st.sampled_from((None, Offers(engine, buyer))))
    cart = Cart("EUR", tuple(CartLine(sku, count) for sku, count in wanted), channel=draw(st.sampled_from(("", "app"))))
    return cart, PriceFacts(products, offers=offers, prices=Prices(PriceBook(rules), buyer, left))


def quoted(cart: Cart, facts: PriceFacts) -> Quote:
    quote = price(cart, facts, at=AT)
    assert isinstance(quote, Quote), quote
    return quote


def prices_of(facts: PriceFacts) -> Prices:
    assert isinstance(facts.prices, Prices)
    return facts.prices


def page(cart: Cart, facts: PriceFacts, line: CartLine, *, hours: float = 0) -> ShelfPrice:
    (product,) = [it for it in facts.products if it.sku == line.sku]
    at = AT + timedelta(hours=hours)
    found = shelf_price(product, facts, currency="EUR", channel=cart.channel, quantity=line.quantity, at=at)
    assert isinstance(found, ShelfPrice), found
    return found


@given(ruled())
def test_a_page_shows_what_a_cart_of_that_line_charges(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    for line in cart.lines:
        shown = page(cart, facts, line)
        (charged,) = quoted(evolve(cart, lines=(line,)), facts).lines
        if shown.units is None or line.quantity <= shown.units:
            assert charged.shelf == shown.price.minor * line.quantity
        again = price(evolve(cart, lines=(evolve(line, shown_price=shown.price),)), facts, at=AT)
        assert isinstance(again, Quote) is (charged.shelf == shown.price.minor * line.quantity)


@given(ruled())
def test_a_page_without_limited_units_shows_what_the_whole_cart_charges(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    rules = tuple(evolve(it, units=None, units_per_member=None) if isinstance(it, CatalogPrice) else it for it in prices_of(facts).book.rules)
    facts = evolve(facts, prices=evolve(prices_of(facts), book=PriceBook(rules), left=()))
    assert [line.shelf for line in quoted(cart, facts).lines] == [page(cart, facts, line).price.minor * line.quantity for line in cart.lines]


@given(ruled(), st.floats(0, 5))
def test_a_price_holds_until_the_moment_that_the_page_tells(asked: tuple[Cart, PriceFacts], hours: float) -> None:
    cart, facts = asked
    line = cart.lines[0]
    now, later = page(cart, facts, line), page(cart, facts, line, hours=hours)
    if now.until is None or AT + timedelta(hours=hours) < now.until:
        assert later.price == now.price


@given(ruled())
def test_no_more_units_are_sold_at_a_flash_price_than_are_left(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    known, quote = prices_of(facts), quoted(cart, facts)
    for entry in quote.trace:
        rule = known.book.by_id.get(entry.rule)
        if isinstance(rule, CatalogPrice) and entry.parts and rule.most is not None:
            assert 0 < int(entry.fact("units")) <= min(rule.most, dict(known.left).get(rule.id, rule.most))


@given(ruled())
def test_a_flash_price_for_all_or_nothing_is_never_short_and_taken(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    quote, by_id = quoted(cart, facts), prices_of(facts).book.by_id
    taken = {entry.rule for entry in quote.trace if entry.step == "catalog_price" and entry.parts}
    for entry in quote.trace:
        rule = by_id.get(entry.rule)
        if entry.code in ("short", "exhausted") and isinstance(rule, CatalogPrice):
            assert int(entry.fact("left")) < int(entry.fact("wanted"))
            assert (rule.id in taken) is (entry.code == "short")
            assert not (rule.id in taken and rule.beyond is Beyond.NOTHING)


@given(ruled())
def test_no_price_rule_takes_a_line_below_its_floor_or_puts_anything_on_it(asked: tuple[Cart, PriceFacts]) -> None:
    floors = {product.sku: product.floor_in("EUR") for product in asked[1].products}
    for line in quoted(*asked).lines:
        assert min(line.subtotal, floors[line.sku] * line.quantity) <= line.shelf <= line.subtotal
        assert line.subtotal - line.discount >= min(line.subtotal, floors[line.sku] * line.quantity)


@given(ruled())
def test_the_order_of_lines_and_of_rules_that_differ_changes_no_total(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    one, other = quoted(cart, facts), quoted(evolve(cart, lines=cart.lines[::-1]), facts)
    shelf = [sorted((line.sku, line.quantity, line.shelf) for line in quote.lines) for quote in (one, other)]
    assert sum(line.shelf for line in one.lines) == sum(line.shelf for line in other.lines)
    assert (shelf[0], one.total) == (shelf[1], other.total)


@given(ruled())
def test_a_frozen_price_is_made_again_though_its_rules_are_gone(asked: tuple[Cart, PriceFacts]) -> None:
    quote = quoted(*asked)
    again = replay(quote, at=AT)
    assert (disagreements(quote, again), again) == ((), quote)


@given(ruled(st.just(Quantity(1))))
def test_one_more_rule_never_makes_the_shelf_dearer(asked: tuple[Cart, PriceFacts]) -> None:
    cart, facts = asked
    known = prices_of(facts)
    rules = tuple(evolve(it, units=None, units_per_member=None) for it in known.book.rules if isinstance(it, CatalogPrice))
    shelves = [
        sum(line.shelf for line in quoted(cart, evolve(facts, offers=None, prices=evolve(known, book=PriceBook(some)))).lines)
        for some in (rules[1:], rules)
    ]
    assert shelves[1] <= shelves[0]
