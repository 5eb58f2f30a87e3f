"""Bank statements as files: CSV as a bank exports it, and CAMT.053 (ISO 20022), read to the lines that `shop.payments.match` takes.

Rules
- amounts are read exactly, in the way of writing that is told (`decimal="," ` reads 1.234,56); one that does not fit its currency is refused;
- in CSV the columns are found by the names that are told; what is before the row of names, as many banks write it, is passed over;
- of CAMT.053 entries are read that are booked (`BOOK`); one entry for several transfers gives a line for each, and a reversal changes sides;
- a line that the bank gives no name gets one from all that it says, and the second of two that say the same another one;
- nothing is left out and nothing is guessed: the first thing that cannot be read ends the reading, with its place;
- XML with a document type is refused: it could name files of this machine, or grow without end.

Source: ISO 20022, message camt.053 (BankToCustomerStatement), versions 001.02 to 001.13, which differ in where names stand.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from shopwright.edges import text
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.settlement.transfers import StatementLine

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SHOWN = 120


class UnreadableStatement(InvalidValue):
    """Something in a statement that cannot be read: its place, what was expected, and what stands there."""

    def __init__(self, place: str, message: str) -> None:
        self.place, self.message = place, message
        super().__init__(f"{place}: {message}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.place, self.message)


@frozen(kw_only=True)
class CsvLayout:
    """How a bank writes its CSV: the names of its columns, and how it writes days and amounts.

    `texts` are all columns that buyers can write into. `id` and `currency` may be empty where there is no such column; then `in_currency` tells it.
    `date_format` is that of `datetime.strptime`.
    """

    booked_on: str = field(validator=text(least=1))
    amount: str = field(validator=text(least=1))
    texts: tuple[str, ...] = ()
    payer: str = ""
    id: str = ""
    currency: str = ""
    in_currency: str = ""
    date_format: str = "%Y-%m-%d"
    decimal: str = "."
    separator: str = ","

    def __attrs_post_init__(self) -> None:
        if bool(self.currency) == bool(self.in_currency):
            raise InvalidValue("CsvLayout needs either the column `currency` or the one currency `in_currency`")
        if self.decimal not in {".", ","} or len(self.separator) != 1 or self.separator == self.decimal:
            raise InvalidValue(f"CsvLayout needs '.' or ',' as decimal and another separator, got {self.decimal!r} and {self.separator!r}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(dict.fromkeys(name for name in (self.booked_on, self.amount, *self.texts, self.payer, self.id, self.currency) if name))


def read_csv(lines: Iterable[str], layout: CsvLayout) -> Iterator[StatementLine]:
    """The lines of a statement in CSV, in their order; open the file with `newline=""` and the encoding of the bank. Raises `UnreadableStatement`."""
    rows = csv.reader(lines, delimiter=layout.separator)
    names = _names(rows, layout)
    yield from named(_of_row(row, names, layout, f"line {rows.line_num}") for row in rows if any(cell.strip() for cell in row))


def _names(rows: Iterable[list[str]], layout: CsvLayout) -> list[str]:
    for row in rows:
        names = [cell.strip().lstrip("\ufeff") for cell in row]
        if set(layout.columns) <= set(names):
            return names
    raise UnreadableStatement("the whole file", f"expected a row with the columns {', '.join(layout.columns)}, got none")


def _of_row(row: list[str], names: list[str], layout: CsvLayout, place: str) -> StatementLine:
    if len(row) < len(names):
        raise UnreadableStatement(place, f"expected {len(names)} cells, got {len(row)}")
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
    currency = cells[layout.currency] if layout.currency else layout.in_currency
    try:
        day = datetime.strptime(cells[layout.booked_on], layout.date_format).date()  # noqa: DTZ007  # a day of the bank's calendar has no zone
    except ValueError:
        raise UnreadableStatement(place, f"expected a day as {layout.date_format}, got {cells[layout.booked_on][:_SHOWN]!r}") from None
    told = " ".join(filter(None, (cells[name] for name in layout.texts)))
    payer = cells[layout.payer] if layout.payer else ""
    amount = _amount(cells[layout.amount], currency, layout.decimal, place)
    return _line(place, id=cells[layout.id] if layout.id else "", booked_on=day, amount=amount, text=told, payer=payer)


_WRITTEN = {
    ".": re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?"),
    ",": re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?"),
    "": re.compile(r"()(\d+)(?:\.(\d+))?"),
}
"""Amounts with a decimal point, with a comma, and as XML has them; what stands between thousands is a sign or a space, never the decimal one."""


def _amount(written: str, currency: str, decimal: str, place: str) -> Money:
    plain = re.sub(r"[\s'’]", "", written).replace("−", "-") if decimal else written
    found = _WRITTEN[decimal].fullmatch(plain)
    if found is None or not found[2].isascii():
        raise UnreadableStatement(place, f"expected an amount such as {'1.234,56' if decimal == ',' else '1234.56'}, got {written[:_SHOWN]!r}")
    sign, units, rest = found[1], re.sub(r"[.,]", "", found[2]), found[3] or ""
    try:
        return Money.of(f"{sign.strip('+')}{units}{'.' if rest else ''}{rest}", currency)
    except InvalidValue as error:
        raise UnreadableStatement(place, str(error)) from error


def _line(place: str, *, id: str, booked_on: date, amount: Money, text: str, payer: str) -> StatementLine:
    try:
        return StatementLine(id=id or "-", booked_on=booked_on, amount=amount, text=text, payer=payer)
    except InvalidValue as error:
        raise UnreadableStatement(place, str(error)) from error


def named(lines: Iterable[StatementLine]) -> Iterator[StatementLine]:
    """The same lines, those without a name (`-`) named by what they say, and by how often that was said before."""
    seen: Counter[str] = Counter()
    for line in lines:
        if line.id != "-":
            yield line
            continue
        said = "\x00".join((line.booked_on.isoformat(), str(line.amount), line.text, line.payer))
        name = sha256(said.encode()).hexdigest()[:32]
        seen[name] += 1
        yield evolve(line, id=name if seen[name] == 1 else f"{name}-{seen[name]}")


def read_camt(document: bytes) -> Iterator[StatementLine]:
    """The booked lines of a CAMT.053 document, in their order. Raises `UnreadableStatement`."""
    from xml.etree.ElementTree import ParseError, XMLParser

    if b"<!DOCTYPE" in document or b"<!ENTITY" in document or b"<\x00!\x00" in document or b"\x00<\x00!" in document:
        raise UnreadableStatement("the whole file", "expected a statement without a document type, got one with <!DOCTYPE or <!ENTITY")
    parser = XMLParser()  # noqa: S314  # entities need a document type, and that was refused
    try:
        parser.feed(document)
        root = parser.close()
    except ParseError as error:
        raise UnreadableStatement("the whole file", f"expected XML, got {error}") from error
    entries = list(_below(root, "BkToCstmrStmt", "Stmt", "Ntry"))
    if not entries and next(_below(root, "BkToCstmrStmt", "Stmt"), None) is None:
        raise UnreadableStatement("the whole file", "expected a statement (camt.053), got another message")
    yield from named(line for number, entry in enumerate(entries, 1) for line in _of_entry(entry, f"entry {number}"))


def _of_entry(entry: Element, place: str) -> Iterator[StatementLine]:
    state = _said(entry, "Sts", "Cd") or _said(entry, "Sts")
    if state != "BOOK":
        return
    day, sign = _day(entry, place), _sign(entry, place)
    name = _said(entry, "AcctSvcrRef") or _said(entry, "NtryRef")
    parts = list(_below(entry, "NtryDtls", "TxDtls"))
    if len(parts) < 2:
        part = parts[0] if parts else entry
        amount = _xml_amount(entry, ("Amt",), sign=sign, place=place)
        yield _line(place, id=name, booked_on=day, amount=amount, text=_words(part, entry), payer=_payer(part))
        return
    told = [_xml_amount(part, *_PART_AMOUNTS, sign=sign, place=f"{place}, transfer {number}") for number, part in enumerate(parts, 1)]
    whole = _xml_amount(entry, ("Amt",), sign=sign, place=place)
    if sum(it.minor for it in told) != whole.minor or {it.currency for it in told} != {whole.currency}:
        raise UnreadableStatement(place, f"expected its transfers to add up to {whole}, got {', '.join(map(str, told))}")
    for number, (part, amount) in enumerate(zip(parts, told, strict=True), 1):
        own = _said(part, "Refs", "AcctSvcrRef") or _said(part, "Refs", "TxId") or (f"{name}-{number}" if name else "")
        yield _line(place, id=own, booked_on=day, amount=amount, text=_words(part, part), payer=_payer(part))


_PART_AMOUNTS = (("Amt",), ("AmtDtls", "TxAmt", "Amt"))


def _xml_amount(at: Element, *paths: tuple[str, ...], sign: int, place: str) -> Money:
    for path in paths:
        if (found := next(_below(at, *path), None)) is not None:
            amount = _amount((found.text or "").strip(), found.get("Ccy", ""), "", place)
            return Money(sign * amount.minor, amount.currency)
    raise UnreadableStatement(place, "expected an amount with its currency, got none")


def _sign(entry: Element, place: str) -> int:
    side = _said(entry, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise UnreadableStatement(place, f"expected CRDT or DBIT as CdtDbtInd, got {side[:_SHOWN]!r}")
    return 1 if side == "CRDT" else -1


def _day(entry: Element, place: str) -> date:
    written = _said(entry, "BookgDt", "Dt") or _said(entry, "BookgDt", "DtTm")
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        raise UnreadableStatement(place, f"expected the day of booking such as 2026-03-01, got {written[:_SHOWN]!r}") from None


def _words(part: Element, entry: Element) -> str:
    """All that a payer could write into: the free text, the structured reference, the reference from end to end."""
    free = [it.text or "" for it in _below(part, "RmtInf", "Ustrd")]
    kept = [*free, _said(part, "RmtInf", "Strd", "CdtrRefInf", "Ref"), _said(part, "Refs", "EndToEndId"), _said(entry, "AddtlNtryInf")]
    return " ".join(filter(None, (word.strip() for word in kept)))


def _payer(part: Element) -> str:
    return _said(part, "RltdPties", "Dbtr", "Nm") or _said(part, "RltdPties", "Dbtr", "Pty", "Nm")


def _said(at: Element, *path: str) -> str:
    found = next(_below(at, *path), None)
    return "" if found is None else (found.text or "").strip()


def _below(at: Element, *path: str) -> Iterator[Element]:
    """What stands on this path below an element, whatever the version of the message."""
    if not path:
        yield at
        return
    for child in at:
        if child.tag.rpartition("}")[2] == path[0]:
            yield from _below(child, *path[1:])
