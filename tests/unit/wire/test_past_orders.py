"""Past orders as CSV and as JSON lines: both tell the same, and what cannot be read is told with its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from shopwright.promotions.basket import MAX_LINES, Basket, BasketLine, Buyer
from shopwright.promotions.simulation import PastOrder
from shopwright.wire.past_orders import MOST_CHARACTERS, UnreadableOrder, read_orders

HEAD = "order,at,currency,sku,quantity,unit_price"
FULL_HEAD = (
    "order,at,currency,paid,shipping,codes,channel,payment_method,ship_to,member,tier,segments,orders_before,joined_at,born,zone,"
    "sku,quantity,unit_price,product,seller,brand,categories,tags,floor,reduced"
)
AT = "2026-03-01T12:00:00+01:00"
ROW = f"A1,{AT},EUR,TEA,2,10.05"
ALL = PastOrder(
    "A1",
    Basket(
        "EUR",
        (
            BasketLine("TEA", 2, 1_005, "tea", "ann", "leaf", {"drinks", "hot"}, "new", floor=100, reduced=True),
            BasketLine("CUP", 1, 300),
        ),
        datetime(2026, 3, 1, 11, tzinfo=UTC),
        codes={"SPRING", "VIP"},
        shipping=490,
        channel="app",
        payment_method="card",
        ship_to="DE",
        buyer=Buyer("m1", "gold", frozenset(("vip",)), 3, datetime(2025, 1, 1, tzinfo=UTC), date(1990, 2, 28), "Europe/Berlin"),
    ),
    2_500,
)
PLAIN = {
    "order": "A1",
    "at": AT,
    "currency": "EUR",
    "paid": "25.00",
    "shipping": 4.90,
    "codes": ["spring", "VIP"],
    "channel": "app",
    "payment_method": "card",
    "ship_to": "DE",
    "member": "m1",
    "tier": "gold",
    "segments": ["vip"],
    "orders_before": 3,
    "joined_at": "2025-01-01T00:00:00Z",
    "born": "1990-02-28",
    "zone": "Europe/Berlin",
    "lines": [
        {
            "sku": "TEA",
            "quantity": 2,
            "unit_price": "10.05",
            "product": "tea",
            "seller": "ann",
            "brand": "leaf",
            "categories": "drinks|hot",
            "tags": ["new"],
            "floor": 1,
            "reduced": True,
        },
        {"sku": "CUP", "quantity": "1", "unit_price": "3"},
    ],
}


def from_csv(*lines: str) -> list[PastOrder]:
    return list(read_orders([f"{line}\n" for line in lines], form="csv"))


def from_json(*objects: object) -> list[PastOrder]:
    return list(read_orders([each if isinstance(each, str) else f"{json.dumps(each)}\n" for each in objects], form="jsonl"))


def test_csv_tells_all_that_promotions_ask_of_an_order():
    first = f"A1,{AT},EUR,25.00,4.90,spring|VIP,app,card,DE,m1,gold,vip,3,2025-01-01T00:00:00Z,1990-02-28,Europe/Berlin,"
    assert from_csv(FULL_HEAD, f"{first}TEA,2,10.05,tea,ann,leaf,drinks|hot,new,1,true", f"A1{',' * 16}CUP,1,3,,,,,,,") == [ALL]


def test_json_tells_the_same():
    assert from_json(PLAIN) == [ALL]


def test_what_is_not_told_is_not_known():
    [order] = from_csv(HEAD, ROW)
    assert order == PastOrder("A1", Basket("EUR", (BasketLine("TEA", 2, 1_005),), datetime(2026, 3, 1, 11, tzinfo=UTC)))
    assert (order.paid, order.basket.buyer.segments, order.basket.payment_method) == (None, None, None)


def test_json_can_say_that_a_buyer_is_in_no_segment():
    [order] = from_json({**PLAIN, "segments": []})
    assert order.basket.buyer.segments == frozenset()


def test_an_order_that_was_free_is_not_one_of_which_the_payment_is_unknown():
    assert [order.paid for order in from_json({**PLAIN, "paid": 0}, {**PLAIN, "paid": None})] == [0, None]


def test_columns_come_in_any_order_and_case_behind_a_mark_and_between_blank_rows():
    [order] = from_csv("\ufeffSKU, Quantity,unit_price,order,AT,currency", "", f"TEA,2,10.05,A1,{AT},EUR", "", ",,,,,")
    assert order.basket.lines == (BasketLine("TEA", 2, 1_005),)


def test_rows_that_repeat_what_the_first_one_says_are_fine():
    [order] = from_csv(HEAD, ROW, f"A1,{AT},EUR,CUP,1,1.00")
    assert [line.sku for line in order.basket.lines] == ["TEA", "CUP"]


def test_a_cell_may_go_over_lines_and_the_next_row_still_knows_its_line():
    with pytest.raises(UnreadableOrder) as wrong:
        from_csv(HEAD, f'A1,{AT},EUR,"T', 'EA",2,10.05', f"A2,{AT},EUR,TEA,x,1.00")
    assert (wrong.value.line, wrong.value.where) == (4, "column quantity")


@pytest.mark.parametrize("yen", ["1200", 1_200])
def test_amounts_are_in_units_of_the_currency(yen):
    [order] = from_json({**PLAIN, "currency": "JPY", "shipping": 0, "paid": yen, "lines": [{"sku": "TEA", "quantity": 1, "unit_price": yen}]})
    assert (order.paid, order.basket.amount) == (1_200, 1_200)


def test_a_number_of_json_is_taken_digit_by_digit():
    line = json.dumps(PLAIN).replace('"10.05"', "90071992547409.93")
    [order] = from_json(line)
    assert order.basket.lines[0].unit_price == 9_007_199_254_740_993


def test_orders_are_read_one_at_a_time():
    def lines():
        yield f"{HEAD}\n"
        yield f"{ROW}\n"
        yield f"A2,{AT},EUR,TEA,1,1.00\n"
        raise AssertionError("read too far")

    assert next(read_orders(lines(), form="csv")).id == "A1"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((), "line 1: expected a head with the columns order, at, currency, sku, quantity, unit_price, got an empty file"),
        (("order,at",), "line 1: expected a head with the columns order, at, currency, sku, quantity, unit_price; missing: currency, sku"),
        ((f"{HEAD},color",), "line 1, column color: expected columns out of order, at"),
        ((f"{HEAD},sku",), "line 1, column sku: expected columns out of order, at"),
        ((HEAD, ROW, "A2,EUR"), "line 3: expected 6 cells, as the head has, got 2"),
        ((HEAD, f"A1,{AT},EUR,,2,1.00"), "line 2, column sku: expected text, got nothing"),
        ((HEAD, f"A1,{AT},EUR,TEA,two,1.00"), "line 2, column quantity: expected a whole number from zero up, got 'two'"),
        ((HEAD, f"A1,{AT},EUR,TEA,0,1.00"), "line 2: BasketLine.quantity must be between 1 and 1000000, got 0"),
        ((HEAD, f"A1,{AT},EUR,TEA,1,-1.00"), "line 2, column unit_price: expected an amount from zero up in units of the currency, such as 12.34"),
        ((HEAD, f"A1,{AT},EUR,TEA,1,1.005"), "expected an amount of at most 2 decimals for EUR"),
        ((HEAD, f"A1,{AT},EUX,TEA,1,1.00"), "line 2, column unit_price: expected an amount"),
        ((HEAD, "A1,2026-03-01T12:00:00,EUR,TEA,1,1.00"), "line 2, column at: expected a time with its zone such as 2026-03-01T12:00:00+01:00"),
        ((HEAD, f",{AT},EUR,TEA,1,1.00"), "line 2, column order: expected text, got nothing"),
        ((HEAD, ROW, f"A1,{AT},USD,TEA,1,1.00"), "line 3, column currency: expected what line 2 says of the same order ('EUR')"),
        ((HEAD, f"A1,{AT},EUR,TEA,1,1.00", "A2,2026-03-01T10:59:59Z,EUR,TEA,1,1.00"), "line 3, order A2: expected orders in the order of their time"),
        ((HEAD, f'A1,{AT},EUR,"TEA,1,1.00'), "line 2: expected cells that CSV allows"),
        ((HEAD, f"A1,{AT},EUR,T\udc80A,1,1.00"), "line 2: BasketLine.sku must not hold U+0000 or a lone surrogate"),
        ((HEAD, "x" * (MOST_CHARACTERS + 1)), f"line 2: expected lines of at most {MOST_CHARACTERS} characters"),
        ((HEAD, *[ROW] * (MAX_LINES + 1)), f"line {MAX_LINES + 2}: expected at most {MAX_LINES} lines for an order, got more for 'A1'"),
        ((f"{HEAD},zone", f"{ROW},Mars/Base"), "line 2: "),
        ((f"{HEAD},codes", f"{ROW},a||b"), "line 2, column codes: expected names, with | between several, got 'a||b'"),
        ((f"{HEAD},codes", f"{ROW},{'x' * 65}"), "line 2: coupon code must have 0 to 64 characters"),
        ((f"{HEAD},reduced", f"{ROW},yes"), "line 2, column reduced: expected true or false, got 'yes'"),
        ((f"{HEAD},born", f"{ROW},1990-02-30"), "line 2, column born: expected a day such as 1990-02-28"),
    ],
)
def test_what_csv_gets_wrong_is_told_with_its_line_and_column(rows, told):
    with pytest.raises(UnreadableOrder) as wrong:
        from_csv(*rows)
    assert told in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1, column 2: expected an order as a JSON object on one line (Expecting property name"),
        ("[]", "line 1: expected an order as a JSON object, got []"),
        ("[" * 100_000, "line 1: expected an order as a JSON object"),
        ('{"order": 1, "order": 2}', "line 1: expected an order as a JSON object (a key comes twice)"),
        ({**PLAIN, "lines": []}, "line 1: Basket.lines must have at least 1"),
        ({**PLAIN, "lines": [1]}, "line 1, lines: expected a list of order lines, each an object, got [1]"),
        ({"order": "A1"}, "line 1, lines: expected a list of order lines, each an object, got None"),
        ({**PLAIN, "color": "red"}, "line 1, color: expected keys out of order, at"),
        ({**PLAIN, "lines": [{"sku": "TEA", "price": 1}]}, "line 1, lines[0].price: expected keys out of sku, quantity"),
        ({**PLAIN, "lines": [{"sku": "TEA", "quantity": 1}]}, "line 1, lines[0].unit_price: expected an amount"),
        ({**PLAIN, "lines": [{"sku": "TEA", "quantity": True, "unit_price": 1}]}, "line 1, lines[0].quantity: expected a whole number"),
        ({**PLAIN, "lines": [{"sku": "TEA", "quantity": 1.5, "unit_price": 1}]}, "line 1, lines[0].quantity: expected a whole number"),
        ({**PLAIN, "lines": [{"sku": "TEA", "quantity": -1, "unit_price": 1}]}, "line 1, lines[0]: BasketLine.quantity must be between 1"),
        ({**PLAIN, "paid": [1]}, "line 1, paid: expected an amount from zero up"),
        ({**PLAIN, "paid": float("nan")}, "line 1, paid: expected an amount from zero up"),
        ({**PLAIN, "member": 7}, "line 1, member: expected text, got 7"),
        ({**PLAIN, "segments": [1]}, "line 1, segments: expected names"),
        ({**PLAIN, "at": "soon"}, "line 1, at: expected a time with its zone"),
    ],
)
def test_what_json_gets_wrong_is_told_with_its_line_and_path(line, told):
    with pytest.raises(UnreadableOrder) as wrong:
        from_json(line)
    assert told in str(wrong.value)
