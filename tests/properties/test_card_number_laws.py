"""Laws of numbers in what people type: every card is found, however it is written, and no phone, order or parcel is taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shopwright.ids import OrderNumbers
from shopwright.payments.card_numbers import is_in_free_text
from tests.surroundings import peer

phonenumbers = peer("phonenumbers")

PRINTED = (("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("300", 14), ("36", 14), ("6011", 16), ("3528", 16), ("62", 16), ("62", 19))
SEPARATORS = ("", " ", "-", ".", "/", "_", "\u00a0", "\u2011", "\u2013")
AROUND = ("", " ", "\n", ": ", "=", "卡号", "“", ",", ";", "(", "№", "visa ", "card", "12/29 ", "ok\t")


def checked(body: str) -> str:
    """A body with its check digit (Luhn)."""
    total = sum(sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    """The number of a card, in groups as on cards or in any others."""
    prefix, length = draw(st.sampled_from(PRINTED))
    body = prefix + draw(st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix)))
    number, size = checked(body), draw(st.sampled_from((1, 2, 4, 5, 19)))
    return draw(st.sampled_from(SEPARATORS)).join(number[place : place + size] for place in range(0, length, size))


@given(card=cards(), before=st.sampled_from(AROUND), after=st.sampled_from(("", " ", "\n", ", thanks", "。", ";", " exp 12/29", "谢谢")))
def test_a_card_is_found_however_it_is_written(card: str, before: str, after: str) -> None:
    """CARD-2"""
    plain = before if before != "12/29 " or not set(card) & set(" -./_\u00a0\u2011\u2013") else "; "
    assert is_in_free_text(f"{plain}{card}{after}")


@given(card=cards(), beside=st.sampled_from(("12/29 {} 123", "{} 12/29 123", "1 {}", "0049-{}")))
def test_what_stands_beside_a_card_hides_nothing(card: str, beside: str) -> None:
    """CARD-2"""
    digits = "".join(filter(str.isdigit, card))
    assert is_in_free_text(beside.format(digits))


def every_phone() -> Sequence[str]:
    """A number of each kind of each country, in each way it is written."""
    ways = [getattr(phonenumbers.PhoneNumberFormat, name) for name in ("E164", "INTERNATIONAL", "NATIONAL", "RFC3966")]
    kinds = (*phonenumbers.PhoneNumberType.values(), None)
    found = (
        phonenumbers.example_number(region) if kind is None else phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in kinds
    )
    return sorted({form for number in found if number is not None for way in ways for form in _written(phonenumbers.format_number(number, way))})


def _written(form: str) -> tuple[str, ...]:
    return form, form.removeprefix("+"), form.replace("+", "00"), form.replace(" ", "")


def test_no_phone_of_any_country_is_taken_for_a_card() -> None:
    """CARD-3"""
    phones = every_phone()
    assert len(phones) > 1_000
    assert [phone for phone in phones if is_in_free_text(f"call {phone}, please")] == []


@given(digits=st.text("0123456789", min_size=8, max_size=15))
def test_what_has_a_plus_and_the_digits_of_a_phone_is_one(digits: str) -> None:
    """CARD-3"""
    assert not is_in_free_text(f"+{digits}")


@given(seed=st.integers(0, 2**32), days=st.integers(0, 20_000), alphabet=st.sampled_from(("0123456789", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")))
def test_no_number_of_an_order_is_taken_for_a_card(seed: int, days: int, alphabet: str) -> None:
    """CARD-3"""
    at, numbers = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days), OrderNumbers(alphabet=alphabet, length=8)
    assert not is_in_free_text(f"about {numbers.make(at=at, rng=Random(seed).randbytes)}")


PARCELS = ("1Z{16}", "JD{18}", "JJD{18}", "SF{13}", "YT{15}", "{20}", "{22}", "{12}", "RR{9}DE", "{13}CN", "H{16}", "DE{20}", "{10}")


@given(shape=st.sampled_from(PARCELS), digits=st.text("0123456789", min_size=22, max_size=22))
def test_no_number_of_a_parcel_with_letters_or_of_other_lengths_is_taken_for_a_card(shape: str, digits: str) -> None:
    """CARD-3"""
    head, _, rest = shape.partition("{")
    length, _, tail = rest.partition("}")
    number = f"{head}{digits[: int(length)]}{tail}"
    assert not is_in_free_text(f"parcel {number}")
