"""Credit notes: their numbers, their lines, and that they sum to what was given back."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import orders
from shopwright.errors import InvalidValue
from shopwright.orders.credit_notes import CreditLine, CreditNote, CreditNoteBook
from shopwright.orders.refund_policy import RefundPolicy
from shopwright.orders.terms import Terms
from shopwright.pricing.quote import Quote
from shopwright.pricing.tax_amounts import RateTax, Taxed
from shopwright.testing.builders import sold
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS
from tests.unit.orders.lives import BY, Life
from tests.unit.orders.refunding import ALL_OFF, BOOK, LAMP, ON_TOP, SEVEN, TENTH, TWENTY, planned, taxed


def _come(quote: Quote | None = None, **facts: Any) -> Life:
    return Life(LAMP, BOOK, quote=quote or taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600), **facts).paid().come()


def _sorry(life: Life) -> CreditNote:
    return life.do(orders.goodwill, 500, reason="it came late", **BY).notes[-1]


def test_a_note_tells_goods_and_shipping_line_by_line_with_their_taxes() -> None:
    """REFUND-7"""
    life = _come()
    plan = planned(life.order, (1, 1), (2, 2))
    (note,) = life.settled((1, 1), (2, 2)).notes

    assert [(it.line_no, it.about, it.units, it.net, it.tax) for it in note.lines] == [
        (1, "goods", 1, 3_599, 720),
        (1, "shipping", 0, 218, 43),
        (2, "goods", 2, 1_800, 126),
        (2, "shipping", 0, 109, 7),
    ]
    assert [it.taxed for it in note.lines] == [part for line in plan.lines for part in (line.goods, line.shipping)]
    assert note.taxes == (RateTax(SEVEN, 133), RateTax(TWENTY, 763))
    assert (note.gross, note.refund, note.net + note.tax) == (plan.value, plan.amount, plan.value)


def test_notes_of_parts_sum_to_the_order_rate_by_rate() -> None:
    """REFUND-7"""
    life = _come()
    for units in ((2, 1), (1, 1), (2, 2), (1, 1)):
        life.settled(units)
    rates = {rate: sum(it.tax for note in life.notes for it in note.taxes if it.rate == rate) for rate in (TWENTY, SEVEN)}
    frozen = [line.taxed for line in life.order.lines if line.taxed]

    assert rates == {TWENTY: frozen[0].tax, SEVEN: frozen[1].tax}
    assert sum(note.gross for note in life.notes) == life.order.total.minor


def test_a_fee_makes_the_note_smaller_by_what_it_is_and_the_tax_in_it() -> None:
    (note,) = _come(taxed(LAMP, taxes=ON_TOP)).settled((1, 2), policy=RefundPolicy(restocking=1_000)).notes

    assert (note.net, note.tax, note.refund) == (7_199, 1_440, 8_639)


def test_what_is_not_paid_is_set_off() -> None:
    (note,) = Life(sold("TEA", 2, 5_000), vouchers=(10_000,), terms=Terms(tolerance=3_000)).paid(7_000).come().settled((1, 1)).notes

    assert (note.gross, note.refund, note.set_off) == (5_000, 2_000, 3_000)


def test_nothing_that_is_given_back_makes_no_note() -> None:
    life = Life(sold("TEA", 1, 1_000), coupon=ALL_OFF).come().settled((1, 1))

    assert life.notes == []


def test_goodwill_changes_no_price_so_its_line_has_no_tax() -> None:
    note = _sorry(_come())

    assert note.lines == (CreditLine(line_no=0, about="goodwill", sku="", title="it came late", units=0, taxed=Taxed(500)),)
    assert (note.tax, note.taxes, note.refund) == (0, (), 500)


def test_numbers_go_on_from_the_last_one() -> None:
    """REFUND-6"""
    book = CreditNoteBook(series="DE-2026").next().next()

    assert (book.number(), book.next().number()) == ("DE-2026-000002", "DE-2026-000003")
    assert CreditNoteBook(series="CN", last=1_234_567).number() == "CN-1234567"


def test_a_note_whose_lines_do_not_sum_to_it_cannot_be_made() -> None:
    """REFUND-7"""
    note = _sorry(_come())

    with pytest.raises(InvalidValue, match="must sum to 501 that goes back and 0 that is set off, got 500"):
        evolve(note, refund=501)


def test_a_note_is_kept_as_it_was_issued() -> None:
    (note,) = _come().settled((1, 1), (2, 2)).notes
    codec, kind = Codec(KINDS), KINDS.document(CreditNote)

    assert codec.load(kind, kind.shape, codec.dump(note)) == note
