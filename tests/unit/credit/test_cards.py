"""Codes of gift cards: one for each serial, found by a hash, passed on without the code."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.credit.cards import card_code, card_id, card_of, card_pass, ending
from shopwright.credit.programs import CreditTerms, GiftCards, StoreCredit
from shopwright.errors import InvalidValue
from shopwright.payments.card_numbers import holds_card_number
from shopwright.promotions.codes import CodePattern
from shopwright.refusals import Refusal

CARDS = GiftCards(currencies=("EUR",), key=bytes(range(32)))
OTHERS = evolve(CARDS, key=bytes(range(1, 33)))


def test_a_serial_has_one_code_and_each_key_another():
    """CARDS-1."""
    codes = [card_code(CARDS, f"order/{n}") for n in range(500)]

    assert codes == [card_code(CARDS, f"order/{n}") for n in range(500)]
    assert len(set(codes) | {card_code(OTHERS, f"order/{n}") for n in range(500)}) == 1_000


def test_a_card_is_found_however_its_code_is_typed_and_by_the_key_alone():
    """CARDS-2."""
    code = card_code(CARDS, "o1")
    id = card_id(CARDS, code)

    assert card_id(CARDS, code.lower().replace("-", " ")) == id
    assert id not in {card_id(OTHERS, code), card_id(CARDS, card_code(CARDS, "o2"))}
    assert isinstance(id, str)
    assert (code.replace("-", "") in id, id.startswith("gift_card/"), ending(code)) == (False, True, code.replace("-", "")[-4:])


def test_a_typing_mistake_is_told_without_the_code():
    wrong = card_code(CARDS, "o1")[:-1] + "Z"
    refused = card_id(CARDS, wrong)

    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == ("card_mistyped", {"reason": "check"})
    assert wrong not in refused.message


def test_a_pass_is_good_for_its_buyer_alone():
    """CARDS-3."""
    id = card_id(CARDS, card_code(CARDS, "o1"))
    assert isinstance(id, str)
    given = card_pass(CARDS, id, "ann")

    assert (card_of(CARDS, given, "ann"), card_of(CARDS, given, "bob"), card_of(OTHERS, given, "ann")) == (id, "", "")
    assert [card_of(CARDS, wrong, "ann") for wrong in ("", "/", id, given + "x", "李雷/x", card_code(CARDS, "o1"))] == [""] * 6


def test_no_id_and_no_pass_is_taken_for_the_number_of_a_card():
    ids = [str(card_id(CARDS, card_code(CARDS, str(n)))) for n in range(200)]

    assert not any(holds_card_number(card_pass(CARDS, id, "ann")) for id in ids)


def test_the_secret_stays_out_of_what_is_shown():
    assert "key" not in repr(CARDS)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: GiftCards(currencies=("EUR",), key=b"short"), "16 to 64 bytes, got 5"),
        (lambda: GiftCards(currencies=("EUR",), key=bytes(32), pattern=CodePattern(length=12)), "too easy to guess"),
        (lambda: GiftCards(currencies=("EUR",), key=bytes(32), limiter=print), "allow and failed"),
        (lambda: GiftCards(currencies="EUR", key=bytes(32)), "several texts"),
        (lambda: StoreCredit(currencies=("euro",)), "codes of currencies"),
        (lambda: StoreCredit(currencies=()), "currencies"),
        (lambda: StoreCredit(currencies=("EUR",), id="Store"), "a letter and up to 39"),
        (CreditTerms, "got neither"),
        (lambda: CreditTerms(store=StoreCredit(currencies=("EUR",), gateway="gift_card"), cards=CARDS), "different names"),
    ],
)
def test_terms_that_cannot_hold_are_refused(make, match):
    with pytest.raises(InvalidValue, match=match):
        make()
