"""Statements as banks write them, to lines; what cannot be read is told with its place."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright import Money
from shopwright.errors import InvalidValue
from shopwright.wire.bank_statements import CsvLayout, UnreadableStatement, read_camt, read_csv

GERMAN = CsvLayout(
    booked_on="Buchungstag",
    amount="Betrag",
    texts=("Verwendungszweck",),
    payer="Name",
    currency="Währung",
    date_format="%d.%m.%Y",
    decimal=",",
    separator=";",
)
HEAD = "Buchungstag;Name;Verwendungszweck;Betrag;Währung"


def told(lines):
    return [(it.booked_on, it.amount, it.text, it.payer) for it in lines]


def test_a_german_csv_with_rows_before_its_names_is_read_exactly() -> None:
    rows = ["Umsätze Girokonto;;;;", "", HEAD, "03.03.2026;Ann Lee;20260302-2E4V5-9;1.234,56;EUR", '04.03.2026;"Lee; Bob";Miete;-700,00;EUR']

    assert told(read_csv(rows, GERMAN)) == [
        (date(2026, 3, 3), Money(123_456, "EUR"), "20260302-2E4V5-9", "Ann Lee"),
        (date(2026, 3, 4), Money(-70_000, "EUR"), "Miete", "Lee; Bob"),
    ]


def test_an_english_csv_with_ids_and_one_currency_is_read_exactly() -> None:
    layout = CsvLayout(booked_on="Date", amount="Amount", texts=("Memo", "Ref"), id="Id", in_currency="JPY")
    lines = list(read_csv(["Id,Date,Memo,Ref,Amount", 'T1,2026-03-03,order,55,"1,234"'], layout))

    assert [(it.id, it.amount, it.text) for it in lines] == [("T1", Money(1234, "JPY"), "order 55")]


def test_lines_that_say_the_same_have_different_names_and_the_same_ones_when_they_are_read_again() -> None:
    rows = [HEAD, *["03.03.2026;Ann;tea;5,00;EUR"] * 2, "03.03.2026;Bob;tea;5,00;EUR"]
    once = [it.id for it in read_csv(rows, GERMAN)]

    assert len(set(once)) == 3
    assert [it.id for it in read_csv(rows, GERMAN)] == once


@pytest.mark.parametrize(
    ("row", "place", "message"),
    [
        ("3.3.26;Ann;tea;5,00;EUR", "line 2", "expected a day as %d.%m.%Y, got '3.3.26'"),
        ("03.03.2026;Ann;tea;five;EUR", "line 2", "expected an amount such as 1.234,56, got 'five'"),
        ("03.03.2026;Ann;tea;5,001;EUR", "line 2", "EUR"),
        ("03.03.2026;Ann;tea;5,00;XX", "line 2", "XX"),
        ("03.03.2026;Ann", "line 2", "expected 5 cells, got 2"),
    ],
)
def test_what_cannot_be_read_of_a_csv_is_told_with_its_line(row: str, place: str, message: str) -> None:
    with pytest.raises(UnreadableStatement) as told:
        list(read_csv([HEAD, row], GERMAN))
    assert (told.value.place, message in told.value.message) == (place, True)


@pytest.mark.parametrize(
    ("written", "minor"),
    [("1.234,56", 123_456), ("1 234,56", 123_456), ("1'234", 123_400), ("−5,5", -550), ("1.5", None), ("1,234.56", None), ("٣", None)],
)
def test_an_amount_is_read_in_the_way_of_writing_that_was_told_and_in_no_other(written: str, minor: int | None) -> None:
    row = f"03.03.2026;Ann;tea;{written};EUR"
    if minor is None:
        with pytest.raises(UnreadableStatement, match="expected an amount"):
            list(read_csv([HEAD, row], GERMAN))
    else:
        assert [it.amount.minor for it in read_csv([HEAD, row], GERMAN)] == [minor]


def test_a_file_without_the_columns_is_told_which_ones_it_lacks() -> None:
    with pytest.raises(UnreadableStatement, match="expected a row with the columns Buchungstag, Betrag, Verwendungszweck, Name, Währung"):
        list(read_csv(["a,b,c"], GERMAN))


@pytest.mark.parametrize(
    "facts", [{}, {"currency": "C", "in_currency": "EUR"}, {"in_currency": "EUR", "decimal": ","}, {"in_currency": "EUR", "decimal": "x"}]
)
def test_a_layout_that_contradicts_itself_is_refused(facts) -> None:
    with pytest.raises(InvalidValue, match="CsvLayout needs"):
        CsvLayout(booked_on="D", amount="A", **facts)


def camt(*entries: str, version: str = "08") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return f'<?xml version="1.0"?><Document xmlns="{space}"><BkToCstmrStmt><Stmt>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>'.encode()


def entry(*details: str, amount: str = "49.00", side: str = "CRDT", state: str = "<Sts><Cd>BOOK</Cd></Sts>", ref: str = "R1") -> str:
    inside = "".join(details)
    named = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    head = f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{state}<BookgDt><Dt>2026-03-03</Dt></BookgDt>'
    return f"<Ntry>{head}{named}<NtryDtls>{inside}</NtryDtls></Ntry>"


def details(text: str, *, amount: str = "", payer: str = "<Nm>Ann Lee</Nm>") -> str:
    paid = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    end = "<Refs><EndToEndId>E-1</EndToEndId></Refs>"
    return f"<TxDtls>{end}{paid}<RltdPties><Dbtr>{payer}</Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


@pytest.mark.parametrize(
    ("version", "state", "payer"),
    [("02", "<Sts>BOOK</Sts>", "<Nm>Ann Lee</Nm>"), ("08", "<Sts><Cd>BOOK</Cd></Sts>", "<Pty><Nm>Ann Lee</Nm></Pty>")],
)
def test_a_booked_entry_of_either_version_is_a_line(version: str, state: str, payer: str) -> None:
    document = camt(entry(details("order 20260302-2E4V5-9", payer=payer), state=state), version=version)

    (line,) = read_camt(document)

    assert (line.id, *told([line])[0]) == ("R1", date(2026, 3, 3), Money(4900, "EUR"), "order 20260302-2E4V5-9 E-1", "Ann Lee")


def test_what_is_pending_is_left_out_and_what_goes_out_is_below_zero() -> None:
    pending = entry(details("later"), state="<Sts><Cd>PDNG</Cd></Sts>")
    (line,) = read_camt(camt(pending, entry(details("rent"), side="DBIT")))

    assert line.amount == Money(-4900, "EUR")


def test_an_entry_for_several_transfers_is_a_line_for_each_and_they_add_up() -> None:
    both = entry(details("one", amount="40.00"), details("two", amount="9.00"))

    assert [(it.id, it.amount.minor, it.text) for it in read_camt(camt(both))] == [("R1-1", 4000, "one E-1"), ("R1-2", 900, "two E-1")]
    with pytest.raises(UnreadableStatement, match=r"entry 1: expected its transfers to add up to EUR 49.00|add up to 49.00 EUR"):
        list(read_camt(camt(entry(details("one", amount="40.00"), details("two", amount="8.00")))))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "expected XML"),
        (b"<a/>", "expected a statement"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "without a document type"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "without a document type"),
        (camt("<Ntry><Sts>BOOK</Sts></Ntry>"), "expected the day of booking"),
        (camt(entry(details("x"), side="IN")), "expected CRDT or DBIT"),
        (camt(entry(details("x"), amount="1,5")), "entry 1"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_reason(document: bytes, message: str) -> None:
    with pytest.raises(UnreadableStatement, match=message):
        list(read_camt(document))


@given(st.binary(max_size=300) | st.text(alphabet="<>/!&; abNtryStmtAm", max_size=200).map(lambda it: b"<Document><BkToCstmrStmt>" + it.encode()))
def test_no_bytes_raise_anything_else(document: bytes) -> None:
    try:
        list(read_camt(document))
    except UnreadableStatement:
        return
