"""What a clerk may type: the commands with what they say, and the small words behind them that name lines, units and amounts.

Rules
- what cannot be read is told as `Unreadable`, with what was expected, and nothing is done;
- amounts are read by the library, exactly, in the currency of the case; what it says of a bad one reads well enough.
"""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TypeVar

from attrs import frozen

from shopwright import Money
from shopwright.orders.exception_events import How
from shopwright.returns.case import Case
from shopwright.returns.reviewing import as_wished
from shopwright.returns.words import Condition, Disposition, Finding, Granted, Outcome, Resolution

E = TypeVar("E", bound=StrEnum)


class Unreadable(Exception):
    """What was typed is no command; the text says what would be."""


@frozen
class Word:
    """A command: its name, how it is typed, what it does in a line, and more for who asks."""

    name: str
    form: str
    about: str
    more: str = ""


WORDS = (
    Word("list", "list [shop|customer|carrier|closed]", "the cases that are open, the oldest first, and what is due", "All, without a word."),
    Word("next", "next", "show the oldest case that waits for the shop"),
    Word("show", "show CASE", "lines, reasons, evidence, label and story of a case", "CASE is its number in the list, or its own."),
    Word("ask", "ask CASE TEXT...", "ask the customer for more"),
    Word(
        "approve",
        "approve CASE [LINE=WHAT[:AMOUNT][:keep] ...]",
        "grant what was wished, or what you say",
        f"WHAT is one of {', '.join(it.value for it in Resolution)}; a partial_refund has an amount, an exchange a sku.\n"
        "With :keep the goods stay with the customer. Lines that you do not name get what was wished.\n"
        "approve 8 1=partial_refund:25.00    approve 2 1=refund:keep    approve 10 1=exchange:LAMP",
    ),
    Word("reject", "reject CASE WHY [TEXT...]", "grant nothing", "WHY is a word that the customer is told; the text is for the shop alone."),
    Word("label", "label CASE", "book a label for the way back, at the cost of the shop, and show it"),
    Word("void", "void CASE", "void the label; another can be booked"),
    Word("track", "track CASE", "ask the carrier where the parcel is"),
    Word("receive", "receive CASE [LINE=UNITS ...]", "the goods are here: all that are awaited, or these"),
    Word("miss", "miss CASE", "what has not come will not come"),
    Word(
        "inspect",
        "inspect CASE [LINE=UNITS:CONDITION[:WHERE] ...]",
        "say how the goods are: as they were sold and for sale again, or as you say",
        f"CONDITION is one of {', '.join(it.value for it in Condition if it is not Condition.LOST)}.\n"
        f"WHERE is one of {', '.join(it.value for it in Disposition)}; without it they are kept aside.\n"
        "inspect 3 1=1:damaged:write_off",
    ),
    Word("money", "money CASE", "what resolving the case would pay back, and why; nothing is done"),
    Word(
        "resolve",
        "resolve CASE [LINE=UNITS:WHAT[:AMOUNT] ...]",
        "do what is due, after showing the money and asking you",
        "The next line is your answer: yes does it, anything else leaves the case as it is.",
    ),
    Word("aside", "aside CASE restock|write_off", "decide about goods that were kept aside"),
    Word("inbox", "inbox [mine]", "what else is wrong with orders, the oldest first: whose it is, and what one tries first"),
    Word("take", "take NAME", "it is yours from now on", "NAME is the one in the inbox: an order and the number of what is wrong with it."),
    Word("again", "again NAME", "deliver once more, at no charge, what was lost"),
    Word(
        "settle",
        "settle NAME HOW [TEXT...]",
        "say how it ended",
        f"HOW is one of {', '.join(it.value for it in How)}; what does not fit is refused with what does.\n"
        "settle 20260420-ABCDE-F/1 settled 'she called'",
    ),
    Word("help", "help [COMMAND]", "this, or more about one command"),
    Word("quit", "quit", "go home"),
)
NAMES = {word.name: word for word in WORDS}
LISTS = ("shop", "customer", "carrier", "closed")


def read(line: str) -> list[str]:
    """The words of a line; none for an empty one or a comment."""
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise Unreadable(f"{error}: a quotation mark has no other; write \\' for an apostrophe") from error


def word(name: str) -> Word:
    """The command of this name, or the only one that begins so."""
    found = [NAMES[name]] if name in NAMES else [it for it in WORDS if it.name.startswith(name)]
    if len(found) != 1:
        meant = ", ".join(it.name for it in found or WORDS)
        raise Unreadable(f"{name!r} is no command; {'it may be' if found else 'there are'}: {meant}")
    return found[0]


def how(said: list[str]) -> How:
    """How something ended."""
    return _one(How, said[0] if said else "")


def units(said: list[str]) -> tuple[tuple[int, int], ...]:
    """`1=2` as two units of line 1."""
    return tuple((no, _count(rest)) for no, rest in map(_lined, said))


def granted(case: Case, said: list[str]) -> tuple[Granted, ...]:
    """What is granted for each line: what was said, and what was wished for the others."""
    named = {}
    for no, rest in map(_lined, said):
        what, *more = rest.split(":")
        resolution, keep = _one(Resolution, what), "keep" in more
        amount, sku = _amount_or_sku(case, resolution, [it for it in more if it != "keep"])
        line = case.line(no)
        back = line is not None and line.wish.returns and resolution not in (Resolution.PARTIAL_REFUND, Resolution.POINTS, Resolution.REJECT)
        named[no] = Granted(no=no, resolution=resolution, goods_back=back and not keep, amount=amount, sku=sku)
    if not said:
        return ()
    wished = [as_wished(line) for line in case.lines if line.no not in named]
    return (*named.values(), *wished)


def findings(said: list[str]) -> tuple[Finding, ...]:
    """`1=1:damaged:write_off` as what was found."""
    found = []
    for no, rest in map(_lined, said):
        count, *more = rest.split(":")
        if not 1 <= len(more) <= 2:
            raise Unreadable(f"expected LINE=UNITS:CONDITION[:WHERE], got {rest!r}")
        where = _one(Disposition, more[1]) if len(more) == 2 else Disposition.QUARANTINE
        found.append(Finding(no=no, units=_count(count), condition=_one(Condition, more[0]), disposition=where))
    return tuple(found)


def outcomes(case: Case, said: list[str]) -> tuple[Outcome, ...]:
    """`1=1:refund` as what is done about a unit."""
    found = []
    for no, rest in map(_lined, said):
        count, _, what = rest.partition(":")
        name, *more = what.split(":")
        resolution = _one(Resolution, name)
        amount, sku = _amount_or_sku(case, resolution, more)
        found.append(Outcome(no=no, units=_count(count), resolution=resolution, amount=amount, sku=sku))
    return tuple(found)


def _lined(said: str) -> tuple[int, str]:
    no, equal, rest = said.partition("=")
    if not equal or not rest:
        raise Unreadable(f"expected LINE=..., such as 1=1, got {said!r}")
    return _count(no), rest


def _count(said: str) -> int:
    if not (said.isascii() and said.isdecimal()) or not 0 < int(said) < 10_000:
        raise Unreadable(f"expected a number from 1 up, got {said!r}")
    return int(said)


def _one(kind: type[E], said: str) -> E:
    if said not in set(kind):
        raise Unreadable(f"expected one of {', '.join(it.value for it in kind)}; got {said!r}")
    return kind(said)


def _amount_or_sku(case: Case, resolution: Resolution, said: list[str]) -> tuple[int, str]:
    """What stands behind a resolution: an amount, points, or the goods that it is exchanged for."""
    if not said:
        return 0, ""
    if resolution is Resolution.EXCHANGE:
        return 0, said[0]
    return (_count(said[0]) if resolution is Resolution.POINTS else Money.of(said[0], case.currency).minor), ""
