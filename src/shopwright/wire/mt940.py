"""Bank statements as MT940, the text of SWIFT that banks still offer for every account, read to the lines that `shop.payments.match` takes.

Needs the extra `shopwright[mt940]`, which reads the fields; what they say is checked here.

Rules
- the lines of each statement take its opening balance to its closing balance, or nothing of the document is read;
- a line is named by the bank's own reference where that names no other line of the document, else by what it says
  (`shopwright.wire.bank_statements.named`);
- nothing is left out and nothing is guessed: the first statement that cannot be read ends the reading, with its place.

Source: SWIFT MT940, Customer Statement Message, fields 20, 60, 61, 62 and 86.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import evolve

from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.money import Money
from shopwright.settlement.transfers import StatementLine
from shopwright.wire.bank_statements import UnreadableStatement, named

_BEGINS = re.compile(r"^:20:", re.MULTILINE)
_LINE = re.compile(r"^:61:", re.MULTILINE)
_TEXTS = ("purpose", "additional_purpose", "transaction_details", "extra_details", "customer_reference", "end_to_end_reference")
_PAYERS = ("applicant_name", "recipient_name")
_NO_NAME = frozenset({"", "NONREF"})


def read_mt940(document: str) -> Iterator[StatementLine]:
    """The lines of all statements in a document, in their order. Raises `UnreadableStatement`, and `NotSupportedHere` without the extra."""
    starts = [found.start() for found in _BEGINS.finditer(document)]
    if not starts:
        raise UnreadableStatement("the whole file", "expected a statement that begins with :20:, got none")
    if _LINE.search(document, 0, starts[0]):
        raise UnreadableStatement("the whole file", "expected no :61: before the first :20:, got one")
    ends = [*starts[1:], len(document)]
    lines = [line for number, span in enumerate(zip(starts, ends, strict=True), 1) for line in _of_statement(document[slice(*span)], number)]
    seen = Counter(line.id for line in lines)
    yield from named(line if seen[line.id] == 1 else evolve(line, id="-") for line in lines)


def _of_statement(text: str, number: int) -> list[StatementLine]:
    place = f"statement {number}"
    try:
        found = _parser().parse(text.replace("\r\n", "\n"))
        told = [each.data for each in found]
        balances = [_balance(found.data, side, place) for side in ("opening", "closing")]
        lines = [_line(each, f"{place}, line {nth}") for nth, each in enumerate(told, 1)]
    except InvalidValue:
        raise
    except Exception as error:
        raise UnreadableStatement(place, f"expected MT940, got what cannot be read: {type(error).__name__}") from error
    if len(lines) != len(_LINE.findall(text)):
        raise UnreadableStatement(place, f"expected {len(_LINE.findall(text))} lines, of which {len(lines)} can be read")
    opening, closing = balances
    moved = Money(closing.minor - opening.minor, closing.currency)
    if {opening.currency} != {closing.currency, *(line.amount.currency for line in lines)} or sum(line.amount.minor for line in lines) != moved.minor:
        came = sum(line.amount.minor for line in lines)
        raise UnreadableStatement(place, f"expected lines that take {opening} to {closing}, got {Money(came, opening.currency)} in all")
    return lines


def _parser() -> Any:
    try:
        import mt940
    except ImportError:
        raise NotSupportedHere("MT940 needs the extra: pip install shopwright[mt940]") from None
    return mt940


def _balance(data: dict[str, Any], side: str, place: str) -> Money:
    for kind in ("final", "intermediate"):
        if (told := data.get(f"{kind}_{side}_balance")) is not None:
            return _money(told.amount, place)
    raise UnreadableStatement(place, f"expected its {side} balance, got none")


def _money(amount: Any, place: str) -> Money:
    try:
        return Money.of(str(amount.amount), str(amount.currency))
    except InvalidValue as error:
        raise UnreadableStatement(place, str(error)) from error


def _line(data: dict[str, Any], place: str) -> StatementLine:
    day = data.get("entry_date") or data["date"]
    words = [str(data[name]).replace("\n", " ") for name in _TEXTS if data.get(name) and data[name] not in _NO_NAME]
    name = str(data.get("bank_reference") or "").strip()
    try:
        return StatementLine(
            id="-" if name in _NO_NAME else name,
            booked_on=date(day.year, day.month, day.day),
            amount=_money(data["amount"], place),
            text=" ".join(words),
            payer=" ".join(str(data[who]) for who in _PAYERS if data.get(who)),
        )
    except UnreadableStatement:
        raise
    except InvalidValue as error:
        raise UnreadableStatement(place, str(error)) from error
