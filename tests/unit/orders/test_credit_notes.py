"""Credit notes: their numbers, their lines, and that they sum to what was given back."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.orders.credit_notes import CreditLine, CreditNote, CreditNoteBook, note_of_goodwill, note_of_plan
from shopwright.orders.refund_policy import RefundPolicy
from shopwright.pricing.tax_amounts import RateTax, Taxed
from shopwright.testing.builders import NOON, sold
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS
from tests.unit.orders.refunding import ALL_OFF, BOOK, LAMP, ON_TOP, SEVEN, TENTH, TWENTY, come, given_back, planned, taxed


def test_a_note_tells_goods_and_shipping_line_by_line_with_their_taxes() -> None:
    """REFUND-7"""
    order = come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600))
    plan = planned(order, (1, 1), (2, 2))
    note = note_of_plan(order, plan, number="CN-000001", at=NOON)

    assert note is not None
    assert [(it.line_no, it.about, it.units, it.net, it.tax) for it in note.lines] == [
        (1, "goods", 1, 3_599, 720),
        (1, "shipping", 0, 218, 43),
        (2, "goods", 2, 1_800, 126),
        (2, "shipping", 0, 109, 7),
    ]
    assert note.taxes == (RateTax(SEVEN, 133), RateTax(TWENTY, 763))
    assert (note.gross, note.refund, note.net + note.tax) == (plan.value, plan.amount, plan.value)


def test_notes_of_parts_sum_to_the_order_rate_by_rate() -> None:
    """REFUND-7"""
    order = come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600))
    first, notes = order, []
    for units in ((2, 1), (1, 1), (2, 2), (1, 1)):
        notes.append(note_of_plan(order, planned(order, units), number="CN-000001", at=NOON))
        order = given_back(order, units)
    rates = {rate: sum(it.tax for note in notes if note for it in note.taxes if it.rate == rate) for rate in (TWENTY, SEVEN)}
    frozen = [line.taxed for line in first.lines if line.taxed]

    assert rates == {TWENTY: frozen[0].tax, SEVEN: frozen[1].tax}
    assert sum(note.gross for note in notes if note) == first.total.minor


def test_a_fee_makes_the_note_smaller_by_what_it_is_and_the_tax_in_it() -> None:
    order = come(LAMP, quote=taxed(LAMP, taxes=ON_TOP))
    note = note_of_plan(order, planned(order, (1, 2), policy=RefundPolicy(restocking=1_000)), number="CN-000001", at=NOON)

    assert note is not None
    assert (note.net, note.tax, note.refund) == (7_199, 1_440, 8_639)


def test_what_is_not_paid_is_set_off() -> None:
    order = come(sold("TEA", 2, 5_000))
    short = evolve(order, payments=(evolve(order.payments[0], captured=7_000),))
    note = note_of_plan(short, planned(short, (1, 1)), number="CN-000001", at=NOON)

    assert note is not None
    assert (note.gross, note.refund, note.set_off) == (5_000, 2_000, 3_000)


def test_nothing_that_is_given_back_makes_no_note() -> None:
    order = come(sold("TEA", 1, 1_000), coupon=ALL_OFF, tenders=())

    assert note_of_plan(order, planned(order, (1, 1)), number="CN-000001", at=NOON) is None


def test_goodwill_changes_no_price_so_its_line_has_no_tax() -> None:
    note = note_of_goodwill(come(LAMP, quote=taxed(LAMP, taxes=ON_TOP)), 500, reason="it came late", number="CN-000001", at=NOON)

    assert note.lines == (CreditLine(line_no=0, about="goodwill", sku="", title="it came late", units=0, taxed=Taxed(500)),)
    assert (note.tax, note.taxes, note.refund) == (0, (), 500)


def test_numbers_go_on_from_the_last_one() -> None:
    """REFUND-6"""
    book = CreditNoteBook(series="DE-2026").next().next()

    assert (book.number(), book.next().number()) == ("DE-2026-000002", "DE-2026-000003")
    assert CreditNoteBook(series="CN", last=1_234_567).number() == "CN-1234567"


def test_a_note_whose_lines_do_not_sum_to_it_cannot_be_made() -> None:
    """REFUND-7"""
    note = note_of_goodwill(come(LAMP, quote=taxed(LAMP, taxes=ON_TOP)), 500, reason="it came late", number="CN-000001", at=NOON)

    with pytest.raises(InvalidValue, match="must sum to 501 that goes back and 0 that is set off, got 500"):
        evolve(note, refund=501)


def test_a_note_is_kept_as_it_was_issued() -> None:
    order = come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600))
    note = note_of_plan(order, planned(order, (1, 1), (2, 2)), number="CN-000001", at=NOON)
    codec, kind = Codec(KINDS), KINDS.document(CreditNote)

    assert codec.load(kind, kind.shape, codec.dump(note)) == note
