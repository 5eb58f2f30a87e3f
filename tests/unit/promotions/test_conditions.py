"""When a promotion applies, and how each condition says that it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.periods import Skipped
from shopwright.promotions.amounts import Amount
from shopwright.promotions.basket import MAX_LINES, Basket, BasketLine, Buyer
from shopwright.promotions.birthdays import BirthdayWindow, LeapDay
from shopwright.promotions.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Birthday,
    CartQuantity,
    CartTotal,
    Code,
    During,
    NewBuyer,
    Not,
    NthOrder,
    OneOf,
    Unmet,
)
from shopwright.promotions.matching import Named
from shopwright.promotions.windows import DateWindow, Recurring
from tests.unit.promotions.baskets import NOON, a_basket, a_line, eur

FIFTY = CartTotal(least=eur(5_000))
GOLD = OneOf("tier", "gold")
CUPS = Named("sku", "CUP")
MONDAYS = Recurring("FREQ=WEEKLY;BYDAY=MO", first=datetime(2026, 1, 5, 9), duration=timedelta(hours=2), zone="Europe/Berlin")


def told(condition, basket: Basket | None = None, **buyer) -> Unmet | None:
    """What a condition says of a basket; facts about the buyer make one."""
    return condition.unmet(a_basket(buyer=Buyer(**buyer)) if basket is None else basket)


# --- the cart ---------------------------------------------------------------------------------------------------------------------


def test_a_cart_total_is_met_at_exactly_its_least_and_says_how_much_more_below():
    assert told(FIFTY, a_basket(5_000)) is None
    assert told(FIFTY, a_basket(1_000, (150, 2))) == Unmet("cart_total", 5_000, 1_300, 3_700, "money")


def test_a_cart_total_is_met_at_exactly_its_most_and_more_would_not_help_above():
    most = CartTotal(most=eur(5_000))
    assert told(most, a_basket(5_000)) is None
    assert told(most, a_basket(5_001)) == Unmet("cart_total_most", 5_000, 5_001, 0, "money")


def test_a_cart_total_counts_only_the_lines_that_are_meant():
    basket = a_basket(a_line("TEA", 1, 9_000), a_line("CUP", 2, 1_000))
    assert told(CartTotal(least=eur(3_000), lines=CUPS), basket) == Unmet("cart_total", 3_000, 2_000, 1_000, "money")


def test_a_cart_total_in_a_currency_that_is_not_named_says_which_are():
    condition = CartTotal(least=(Money(5_000, "USD"), Money(5_000, "CNY")))
    assert told(condition, a_basket(90_000)) == Unmet("currency", "CNY, USD", "EUR")


def test_a_cart_total_of_a_channel_goes_before_the_one_for_all():
    condition = CartTotal(least=(eur(5_000), Amount(eur(2_000), "app")))
    assert [told(condition, a_basket(3_000, channel=channel)) is None for channel in ("app", "web", "")] == [True, False, False]


def test_a_cart_quantity_counts_units_and_not_lines():
    assert told(CartQuantity(3), a_basket((100, 2), 100)) is None
    assert told(CartQuantity(5), a_basket((100, 2), 100)) == Unmet("cart_quantity", 5, 3, 2, "units")
    assert told(CartQuantity(1, most=2), a_basket((100, 2), 100)) == Unmet("cart_quantity_most", 2, 3, 0, "units")
    assert told(CartQuantity(1, lines=CUPS), a_basket((100, 2))) == Unmet("cart_quantity", 1, 0, 1, "units")


# --- codes ------------------------------------------------------------------------------------------------------------------------


def test_a_code_is_met_by_any_of_its_codes_however_they_were_written_down():
    code = Code({" spring 10 ", "friend"})
    assert told(code, a_basket(codes={"SPRING10"})) is None
    assert code == Code({"SPRING10", "FRIEND"})


def test_a_code_that_was_not_typed_is_told_to_nobody():
    assert told(Code("SPRING"), a_basket(codes={"SUMMER"})) == Unmet("code", "a code", "none")


def test_a_thousand_codes_on_one_cart_are_looked_through():
    codes = {f"GUESS{number}" for number in range(1_000)}
    assert told(Code("SPRING"), a_basket(codes=codes)) == Unmet("code", "a code", "none")
    assert told(Code("SPRING"), a_basket(codes={*codes, "SPRING"})) is None


# --- around the basket ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "basket"),
    [
        ("channel", a_basket(channel="app")),
        ("payment_method", a_basket(payment_method="app")),
        ("ship_to", a_basket(ship_to="app")),
        ("tier", a_basket(buyer=Buyer(tier="app"))),
        ("segment", a_basket(buyer=Buyer(segments={"app", "vip"}))),
        ("buyer", a_basket(buyer=Buyer("app"))),
    ],
)
def test_what_is_around_a_basket_can_be_asked_for(what, basket):
    assert OneOf(what, {"app", "web"}).unmet(basket) is None
    assert OneOf(what, "other").unmet(basket) == Unmet(what, "other", "app, vip" if what == "segment" else "app")


@pytest.mark.parametrize("what", ["payment_method", "ship_to", "tier", "segment", "buyer"])
def test_what_is_not_known_meets_nothing_and_is_told_as_not_known(what):
    unmet = OneOf(what, {"b", "a"}).unmet(a_basket())
    assert unmet == Unmet(what, "a, b", None)
    assert unmet.is_unknown


def test_a_member_who_is_in_no_segment_is_known_to_be_in_none():
    unmet = told(OneOf("segment", "vip"), segments=())
    assert unmet == Unmet("segment", "vip", "")
    assert not unmet.is_unknown


def test_the_number_of_an_order_is_one_more_than_the_orders_before_it():
    assert [told(NthOrder(), orders=orders) for orders in (0, 1)] == [None, Unmet("nth_order_last", 1, 2, 0, "orders")]
    assert [told(NthOrder(3, 4), orders=orders) for orders in (1, 2, 3, 4)] == [
        Unmet("nth_order", 3, 2, 1, "orders"),
        None,
        None,
        Unmet("nth_order_last", 4, 5, 0, "orders"),
    ]
    assert told(NthOrder(3, None), orders=700) is None
    assert told(NthOrder()) == Unmet("nth_order", 1, None, 0, "orders")


def test_a_buyer_is_new_up_to_the_very_instant_that_is_so_many_days_after_joining():
    joined = [NOON - timedelta(days=30), NOON - timedelta(days=30, microseconds=1)]
    assert [told(NewBuyer(30), joined_at=at) for at in joined] == [None, Unmet("new_buyer", 30, 30, 0, "days")]
    assert told(NewBuyer(30)) == Unmet("new_buyer", 30, None, 0, "days")


# --- time -------------------------------------------------------------------------------------------------------------------------


def test_during_dates_is_met_from_the_start_on_and_not_at_the_end():
    window = During(DateWindow(NOON, NOON + timedelta(hours=1)))
    tick = timedelta(microseconds=1)
    met = [told(window, a_basket(at=at)) is None for at in (NOON - tick, NOON, NOON + timedelta(hours=1) - tick, NOON + timedelta(hours=1))]
    assert met == [False, True, True, False]


def test_during_says_when_it_is_on_next_and_that_it_is_never_on_again():
    starts = datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=1)))
    assert told(During(DateWindow(starts))) == Unmet("during", "2026-03-02T00:00:00+00:00", "2026-03-01T12:00:00+00:00", 0, "time")
    assert told(During(DateWindow(ends=NOON))) == Unmet("during", "", "2026-03-01T12:00:00+00:00", 0, "time")


def test_during_a_recurring_window_goes_by_the_clocks_of_its_zone_through_their_changes():
    mondays_at_nine = [datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 3, 30, 7, tzinfo=UTC)]  # clocks change on the 29th
    assert [told(During(MONDAYS), a_basket(at=at)) for at in mondays_at_nine] == [None, None]
    early = mondays_at_nine[1] - timedelta(minutes=1)
    assert told(During(MONDAYS), a_basket(at=early)) == Unmet("during", "2026-03-30T07:00:00+00:00", "2026-03-30T06:59:00+00:00", 0, "time")


def test_a_window_at_a_time_that_clocks_skip_moves_or_is_left_out_as_the_window_says():
    basket = a_basket(at=datetime(2026, 3, 29, 1, 15, tzinfo=UTC))  # 03:15 on the wall: there was no 02:15
    moved, left_out = (
        Recurring("FREQ=DAILY", first=datetime(2026, 3, 1, 2), duration=timedelta(minutes=30), zone="Europe/Berlin", skipped=skipped)
        for skipped in (Skipped.FORWARD, Skipped.LEAVE_OUT)
    )
    assert told(During(moved), basket) is None
    assert told(During(left_out), basket) == Unmet("during", "2026-03-30T00:00:00+00:00", "2026-03-29T01:15:00+00:00", 0, "time")


def test_a_birthday_is_a_day_in_the_zone_of_the_buyer():
    half_past_eleven_at_night = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    buyers = [Buyer(born=date(1990, 3, 1), zone=zone) for zone in ("Europe/Berlin", "Europe/London")]
    baskets = [a_basket(at=half_past_eleven_at_night, buyer=buyer) for buyer in buyers]
    assert [told(Birthday(), basket) for basket in baskets] == [None, Unmet("birthday", True, False)]


@pytest.mark.parametrize(("leap", "days"), [(LeapDay.FEB_28, [True, False]), (LeapDay.MAR_1, [False, True])])
def test_who_was_born_on_29_february_has_a_birthday_in_every_year(leap, days):
    condition = Birthday(BirthdayWindow(leap=leap))
    baskets = [a_basket(at=datetime(2026, *day, 12, tzinfo=UTC), buyer=Buyer(born=date(2000, 2, 29))) for day in ((2, 28), (3, 1))]
    assert [told(condition, basket) is None for basket in baskets] == days


def test_a_birthday_window_has_days_before_and_after():
    condition = Birthday(BirthdayWindow(days_before=3, days_after=1))
    born = [date(1990, 3, 4), date(1990, 2, 28), date(1990, 3, 5), date(1990, 2, 27)]
    assert [told(condition, born=day) is None for day in born] == [True, True, False, False]


def test_a_birth_date_that_is_not_known_is_no_birthday_and_one_that_is_known_is_told_to_nobody():
    assert told(Birthday()) == Unmet("birthday", True, None)
    assert told(Birthday(), born=date(1990, 7, 9)) == Unmet("birthday", True, False)


# --- trees ------------------------------------------------------------------------------------------------------------------------


def test_all_of_nothing_always_holds():
    assert (told(ALWAYS), ALWAYS.keys) == (None, None)


def test_all_tells_the_first_that_fails_and_the_way_to_it():
    tree = All((ALWAYS, All((CartQuantity(1), FIFTY)), CartQuantity(9)))
    assert told(tree, a_basket(4_999)) == Unmet("cart_total", 5_000, 4_999, 1, "money", path=(1, 1))


def test_what_surely_fails_is_told_before_what_is_not_known():
    assert told(All((GOLD, FIFTY))) == Unmet("cart_total", 5_000, 1_000, 4_000, "money", path=(1,))
    assert told(All((GOLD, CartQuantity(1)))) == Unmet("tier", "gold", None, path=(0,))


def test_any_of_tells_every_branch_when_all_fail():
    tree = AnyOf((FIFTY, All((CartQuantity(1), CartQuantity(3)))))
    branches = Unmet("cart_total", 5_000, 1_000, 4_000, "money", path=(0,)), Unmet("cart_quantity", 3, 1, 2, "units", path=(1, 1))
    unmet = told(tree)
    assert unmet == Unmet("any_of", 2, None, inside=branches)
    assert not unmet.is_unknown
    assert told(AnyOf((FIFTY, CartQuantity(1)))) is None


def test_any_of_is_not_known_when_one_branch_is_not_and_no_other_holds():
    unmet = told(AnyOf((FIFTY, GOLD)))
    assert unmet is not None
    assert unmet.is_unknown
    assert told(AnyOf((CartQuantity(1), GOLD))) is None


def test_not_holds_when_its_condition_surely_fails_and_never_for_what_is_not_known():
    assert told(Not(FIFTY)) is None
    assert told(Not(CartQuantity(1))) == Unmet("not", False, True, path=(0,))
    assert told(Not(GOLD)) == Unmet("tier", "gold", None, path=(0,))
    assert told(Not(GOLD), tier="basic") is None
    assert told(Not(AnyOf((FIFTY, GOLD)))).is_unknown
    assert told(Not(All((FIFTY, GOLD)))) is None


def test_twice_not_is_what_it_was():
    for basket in (a_basket(), a_basket(buyer=Buyer(tier="gold")), a_basket(buyer=Buyer(tier="basic"))):
        once, twice = told(GOLD, basket), told(Not(Not(GOLD)), basket)
        assert (once is None, once is not None and once.is_unknown) == (twice is None, twice is not None and twice.is_unknown)


def test_a_tree_is_looked_up_by_the_rarest_of_what_it_needs():
    code, cups = Code({"A", "B"}), CartQuantity(1, lines=CUPS)
    assert All((FIFTY, code, cups)).keys == frozenset({("sku", "CUP")})
    assert AnyOf((code, cups)).keys == frozenset({("code", "A"), ("code", "B"), ("sku", "CUP")})
    assert AnyOf((code, FIFTY)).keys is None
    assert [each.keys for each in (Not(cups), NthOrder(), NewBuyer(1), Birthday(), During(MONDAYS), CartQuantity(0, lines=CUPS))] == [None] * 6


# --- what is no condition ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (CartTotal, "CartTotal must name an amount as its least or its most"),
        (lambda: CartTotal(least=eur(-1)), "CartTotal.least must be 0 or more minor units, got -0.01 EUR"),
        (lambda: CartTotal(least=5), "expected amounts of money, got int; give Money"),
        (lambda: CartTotal(least=(eur(1), eur(2))), "CartTotal.least must name EUR once"),
        (lambda: CartTotal(least=eur(1), lines="TEA"), "CartTotal.lines must say which lines are meant"),
        (lambda: CartQuantity(-1), "CartQuantity.least must be between 0"),
        (lambda: CartQuantity(True), "CartQuantity.least must be an integer, got bool"),
        (lambda: CartQuantity(1.5), "CartQuantity.least must be an integer, got float"),
        (lambda: Code(()), "Code.codes must have at least one name"),
        (lambda: Code("  "), "Code.codes must have 1 to 200 characters, got 0"),
        (lambda: Code("A" * 65), "coupon code must have 0 to 64 characters"),
        (lambda: Code({7}), "coupon code must be text, got int"),
        (lambda: Code(None), "expected a name or several"),
        (lambda: OneOf("weather", "sun"), "expected one of buyer, channel, payment_method, segment, ship_to, tier, got 'weather'"),
        (lambda: OneOf("tier", ()), "OneOf.values must have at least one name"),
        (lambda: OneOf("tier", 3), "expected a name or several, such as {'tea', 'cup'}, got 3"),
        (lambda: NthOrder(0), "NthOrder.first must be between 1"),
        (lambda: NthOrder(3), "NthOrder.last must be 3 or more, or None for each order from there on, got 1"),
        (lambda: NewBuyer(-1), "NewBuyer.days must be between 0"),
        (lambda: During("monday"), "During.window must be DateWindow or Recurring, got str"),
        (lambda: Birthday(3), "Birthday.window must be BirthdayWindow, got int"),
        (lambda: All(FIFTY), "All.of must be tuple, got CartTotal"),
        (lambda: All((FIFTY, "gold")), "All.of must be a condition, such as CartTotal"),
        (lambda: AnyOf(()), "AnyOf.of must have at least 1 members, got 0"),
        (lambda: Not(None), "Not.of must be a condition"),
    ],
)
def test_what_is_no_condition_is_told_with_what_to_do(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: a_basket(*[1] * 10_000), f"a basket has at most {MAX_LINES} lines, got 10000; price the cart in parts"),
        (lambda: Basket("EUR", (), NOON), "Basket.lines must have at least 1 members"),
        (lambda: Basket("EUR", [a_line()], NOON), "Basket.lines must be tuple, got list"),
        (lambda: a_basket(currency="EURO"), "Basket.currency must have 3 to 3 characters"),
        (lambda: a_basket(currency="XYZ"), "XYZ"),
        (lambda: a_basket(at=datetime(2026, 3, 1)), "at must be a datetime with a time zone"),
        (lambda: a_basket(at=datetime(9999, 3, 1, tzinfo=UTC)), "Basket.at must be in the years 2 to 9998"),
        (lambda: a_basket(shipping=-1), "Basket.shipping must be between 0"),
        (lambda: a_basket(codes={""}), "Basket.codes must have 1 to 200 characters"),
        (lambda: a_basket(*[(2**62, 1)] * 4), "64"),
        (lambda: a_line(quantity=0), "BasketLine.quantity must be between 1"),
        (lambda: a_line(quantity=1_000_001), "BasketLine.quantity must be between 1"),
        (lambda: a_line(unit_price=-1), "BasketLine.unit_price must be between 0"),
        (lambda: a_line(unit_price=9.99), "BasketLine.unit_price must be an integer, got float"),
        (lambda: a_line(floor=-1), "BasketLine.floor must be between 0"),
        (lambda: a_line(sku=""), "BasketLine.sku must have 1 to 200 characters"),
        (lambda: a_line(tags={3}), "BasketLine.tags must be str, got int"),
        (lambda: Buyer(orders=-1), "Buyer.orders must be between 0"),
        (lambda: Buyer(segments={"vip", 3}), "Buyer.segments must be str, got int"),
        (lambda: Buyer(born=datetime(1990, 1, 1, tzinfo=UTC)), "Buyer.born must be a date without a time"),
        (lambda: Buyer(born="1990-01-01"), "Buyer.born must be date, got str"),
        (lambda: Buyer(zone="Mars/Olympus"), "unknown time zone 'Mars/Olympus'"),
        (lambda: Buyer(joined_at=datetime(2026, 1, 1)), "Buyer.joined_at must be a datetime with a time zone"),
    ],
)
def test_what_is_no_basket_is_told_with_what_was_expected(make, said):
    with pytest.raises(InvalidValue) as error:
        make()
    assert said in str(error.value)


def test_one_segment_is_a_set_of_one_and_not_its_letters():
    assert Buyer(segments="vip").segments == frozenset({"vip"})


def test_a_basket_keeps_its_time_in_utc():
    assert a_basket(at=datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))) == a_basket(at=NOON)


def test_a_line_amounts_to_its_units_at_their_price():
    assert (BasketLine("TEA", 3, 250).amount, a_basket((250, 3), 100).amount) == (750, 850)


def test_a_total_is_looked_up_by_its_lines_only_when_every_market_asks_for_an_amount_of_them():
    ten, nothing = Money(1_000, "EUR"), Money(0, "USD")
    in_app = Amount(ten, "app")
    asked = [CartTotal(ten, lines=CUPS), CartTotal(ten, most=Money(5_000, "EUR"), lines=CUPS), CartTotal(in_app, most=in_app, lines=CUPS)]
    assert [each.keys for each in asked] == [CUPS.keys] * 3
    not_everywhere = [((ten, nothing), ()), (ten, Money(5_000, "USD")), (in_app, ten)]
    assert [CartTotal(least, most, CUPS).keys for least, most in not_everywhere] == [None] * 3
