"""MT940: every line is read, the balances prove it, and what cannot be read says where."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.money import Money
from shopwright.settlement.transfers import StatementLine
from shopwright.wire.bank_statements import UnreadableStatement
from shopwright.wire.mt940 import read_mt940


def a_statement(*lines: str, opening: str = "C260302EUR1000,00", closing: str = "C260303EUR1000,00", final: str = "F") -> str:
    return "\r\n".join([":20:STARTUMS", ":25:12030000/202051", ":28C:00001/001", f":60{final}:{opening}", *lines, f":62{final}:{closing}", "-"])


PAID = (
    ":61:2603030303CR20,00N051NONREF//B1",
    ":86:166?00GUTSCHRIFT?20order 26-AB12-7?21more words?30BYLADEM1001?32ANN LEE",
)
RENT = (":61:2603030303D700,00NMSCNONREF", ":86:rent of March")


def test_lines_are_read_with_their_day_their_sign_their_words_and_their_names() -> None:
    paid, rent = read_mt940(a_statement(*PAID, *RENT, closing="C260303EUR320,00"))

    assert paid == StatementLine(
        id="B1", booked_on=date(2026, 3, 3), amount=Money(2000, "EUR"), text="order 26-AB12-7more words", payer="ANN LEE"
    )
    assert (rent.amount, rent.text, rent.booked_on, len(rent.id)) == (Money(-70000, "EUR"), "rent of March", date(2026, 3, 3), 32)


def test_a_document_holds_several_statements_and_headers_around_them() -> None:
    first = a_statement(*PAID, closing="C260303EUR1020,00")
    second = a_statement(*RENT, opening="C260303EUR1020,00", closing="C260304EUR320,00", final="M")

    lines = list(read_mt940("{1:F01BANKDEFFXXXX}{4:\r\n" + first + "}\r\n" + second))

    assert [line.amount.minor for line in lines] == [2000, -70000]


def test_a_reference_that_two_lines_have_names_neither_and_equal_lines_are_told_apart() -> None:
    lines = list(read_mt940(a_statement(*PAID, *PAID, closing="C260303EUR1040,00")))

    assert lines[1].id == f"{lines[0].id}-2"
    assert "B1" not in {line.id for line in lines}
    assert [line.id for line in read_mt940(a_statement(*PAID, *PAID, closing="C260303EUR1040,00"))] == [line.id for line in lines]


@given(st.lists(st.integers(-10**9, 10**9).filter(bool), max_size=12), st.integers(-10**10, 10**10))
def test_whatever_the_amounts_they_are_read_to_the_cent(amounts: list[int], opening: int) -> None:
    def written(minor: int) -> str:
        return f"{abs(minor) // 100},{abs(minor) % 100:02d}"

    def balance(minor: int, day: str) -> str:
        return f"{'D' if minor < 0 else 'C'}{day}EUR{written(minor)}"

    lines = [f":61:2603030303{'D' if it < 0 else 'C'}{written(it)}N051NONREF" for it in amounts]
    document = a_statement(*lines, opening=balance(opening, "260302"), closing=balance(opening + sum(amounts), "260303"))

    assert [line.amount.minor for line in read_mt940(document)] == amounts


@pytest.mark.parametrize(
    ("document", "match"),
    [
        ("", "begins with :20:"),
        ("Buchungstag;Betrag", "begins with :20:"),
        (PAID[0] + "\r\n" + a_statement(), "no :61: before"),
        (a_statement(*PAID), r"statement 1: expected lines that take 1000.00 EUR to 1000.00 EUR, got 20.00 EUR"),
        (a_statement(*PAID, closing="C260303USD1020,00"), "expected lines that take|cannot be read"),
        (a_statement(":61:what is this"), "statement 1: "),
        (a_statement(*PAID, closing="C260303EUR1020,00").replace(":62F:", ":99F:"), "statement 1: "),
        (a_statement(*PAID, closing="C260303EUR1020,00").replace(":60F:C260302EUR1000,00", ""), "statement 1: expected its opening balance"),
        (a_statement(*PAID, closing="C260303EUR1020,00") + "\n" + a_statement(*RENT), "statement 2: "),
    ],
)
def test_what_cannot_be_read_says_where_and_nothing_is_read(document: str, match: str) -> None:
    with pytest.raises(UnreadableStatement, match=match):
        list(read_mt940(document))
