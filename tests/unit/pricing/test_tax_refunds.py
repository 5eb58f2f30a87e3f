"""What goes back of a tax when a part of the price goes back: exactly all of it in the end, never more before."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.orders.lines import Buckets, OrderLine
from shopwright.pricing.tax_amounts import RateTax, Taxed, TaxedLine, part_of, part_of_amount, tax_share
from shopwright.pricing.tax_rates import Ruling, TaxRate, Treatment

GST, QST = TaxRate("GST", "5 %"), TaxRate("QST", "9.975 %")
HUNDRED = Taxed(10_000, (RateTax(GST, 500), RateTax(QST, 998)))


def test_the_tax_of_three_units_goes_back_in_three_parts_and_the_last_takes_the_rest():
    assert [tax_share(100, units=1, of=3, before=before) for before in range(3)] == [33, 33, 34]
    assert (tax_share(100, units=2, of=3), tax_share(100, units=1, of=3, before=2)) == (66, 34)


def test_all_units_at_once_take_all_of_it_and_none_takes_nothing():
    assert [tax_share(998, units=7, of=7), tax_share(998, units=0, of=7, before=3), tax_share(0, units=1, of=7)] == [998, 0, 0]


def test_where_nothing_was_sold_nothing_goes_back():
    assert tax_share(0, units=0, of=0) == 0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"total": -1}, "expected total to be an int from zero up, got -1"),
        ({"total": 1.5}, "expected total to be an int from zero up, got 1.5"),
        ({"units": -1}, "expected units to be an int from zero up, got -1"),
        ({"units": True}, "expected units to be an int from zero up, got True"),
        ({"before": -1}, "expected before to be an int from zero up, got -1"),
        ({"units": 3}, "expected at most 3 units in all, got 3 after 1; give back what is left"),
        ({"of": 3.0}, "expected at most 3.0 units in all"),
    ],
)
def test_more_than_is_left_or_what_cannot_be_counted_is_misuse(bad, said):
    arguments = {"total": 100, "units": 1, "of": 3, "before": 1, **bad}
    with pytest.raises(InvalidValue, match=said):
        tax_share(arguments.pop("total"), **arguments)


def test_a_refund_of_goods_names_what_goes_back_of_each_rate():
    parts = [part_of(HUNDRED, units=1, of=3, before=before) for before in range(3)]
    assert parts == [
        Taxed(3333, (RateTax(GST, 166), RateTax(QST, 333))),
        Taxed(3334, (RateTax(GST, 167), RateTax(QST, 332))),
        Taxed(3333, (RateTax(GST, 167), RateTax(QST, 333))),
    ]
    assert [part.gross for part in parts] == [3832, 3833, 3833]


def test_a_refund_of_money_names_the_taxes_in_it():
    assert part_of_amount(HUNDRED, 5000) == Taxed(4349, (RateTax(GST, 217), RateTax(QST, 434)))


def test_more_money_than_was_paid_does_not_go_back():
    assert part_of_amount(HUNDRED, 11_498) == HUNDRED
    for amount, before in ((11_499, 0), (1, 11_498)):
        with pytest.raises(InvalidValue, match="expected at most 11498 units in all"):
            part_of_amount(HUNDRED, amount, before=before)


def test_what_was_free_goes_back_as_nothing():
    free = Taxed(0, (RateTax(GST, 0),))
    assert [part_of(free, units=1, of=2), part_of_amount(free, 0)] == [free, free]


def test_the_cut_is_that_of_an_order_line():
    line = OrderLine(
        line_no=1, sku="MUG", title="Mug", seller_id="own", quantity=7, unit_price=1643, subtotal=11_501, discount=3, shipping=0, tax=0, total=11_498,
        buckets=Buckets(open=7),
    )  # fmt: skip
    owed = [line.total - OrderLine.owed.fget(_gone(line, gone)) for gone in range(8)]
    assert [part_of(HUNDRED, units=gone, of=7).gross for gone in range(8)] == owed


def _gone(line: OrderLine, units: int) -> OrderLine:
    return OrderLine(**{**{name: getattr(line, name) for name in line.__dict__}, "buckets": Buckets(open=7 - units, returned=units)})


def test_a_rate_of_a_higher_stage_is_taken_of_the_taxes_below():
    on_top = TaxRate("QST", "9.5 %", stage=1)
    amount = Taxed(10_000, (RateTax(on_top, 998), RateTax(GST, 500)))
    assert (amount.base_of(GST), amount.base_of(on_top), amount.gross) == (10_000, 10_500, 11_498)


@pytest.mark.parametrize(("net", "taxes"), [(-1, ()), (1.0, ()), (1, [RateTax(GST, 1)]), (1, (GST,))])
def test_an_amount_with_taxes_is_whole_and_not_below_zero(net, taxes):
    with pytest.raises(InvalidValue, match=r"Taxed\.(net|taxes) must"):
        Taxed(net, taxes)


def test_a_tax_is_not_below_zero():
    with pytest.raises(InvalidValue, match=r"RateTax\.tax must be between 0 and"):
        RateTax(GST, -1)


def test_a_line_keeps_what_was_ruled():
    line = TaxedLine(1, HUNDRED, Taxed(500), shipping_treatment=Treatment.EXEMPT, shipping_reason="post")
    assert line.rulings == (Ruling((GST, QST)), Ruling(treatment=Treatment.EXEMPT, reason="post"))
    assert TaxedLine(1, HUNDRED).rulings == (Ruling((GST, QST)), Ruling((GST, QST)))
