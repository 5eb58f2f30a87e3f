"""Numbers of cards never enter a shop: what looks like one is refused where it is given, and no error shows it.

Rules
- CARD-1: a run of 12 to 19 digits, spaced or dashed, that begins and is as long as the numbers of a card brand and has their check digit is refused:
  as a token, in references, reasons and facts, and in what a gateway is sent;
- longer runs, and runs without the check digit, are no cards: order numbers, IBANs, numbers of transfers; neither are digits that a hash or an id of
  32 hexadecimal digits and more happens to hold between its letters;
- a code that the buyer shows to be scanned is a number too, and looks like whatever it likes; it alone is let through;
- CARD-2: in what people type, a note, a reason, a line of an address, the number of a card is told from other numbers by all of: first digits that a
  brand has, one of the 14, 15, 16 or 19 digits that this brand prints, the check digit, and nothing but single spaces, dashes, dots, slashes or
  low lines between its groups. What stands beside it in the same row of digits, its month or its code, does not hide it;
- CARD-3: a phone number is let through, since no card is written with a plus, and those in use have more digits than phones that begin alike;
  so is what has a letter before or after its digits, an IBAN or the number of a parcel (`1Z...`, `RR...CN`), unless the letters are a word for
  cards (`visa4242...`);
- a number of digits alone that a brand might have issued, and that checks, is refused, whatever it was meant for: one in ten of those
  that begin and are as long as a card's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from shopwright.edges import Validator, text
from shopwright.errors import InvalidValue

Brands = tuple[tuple[int, int, tuple[int, ...]], ...]

_RUN = re.compile(r"(?<!\d)(?<!\d[ -])\d(?:[ -]?\d){11,18}(?![ -]?\d)")

_HASH = re.compile(r"(?<![0-9A-Za-z])(?=\d*[a-f])[0-9a-f]{32,128}(?![0-9A-Za-z])")

_BRANDS: Brands = (  # first digits from and to, and lengths: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro
    (4, 4, (13, 16, 19)),
    (51, 55, (16,)),
    (2221, 2720, (16,)),
    (34, 34, (15,)),
    (37, 37, (15,)),
    (300, 305, (14,)),
    (36, 36, (14,)),
    (38, 39, (14,)),
    (6011, 6011, (16, 19)),
    (644, 659, (16, 19)),
    (3528, 3589, (16, 19)),
    (62, 62, (16, 17, 18, 19)),
    (50, 50, (12, 13, 14, 15, 16, 17, 18, 19)),
    (56, 58, (12, 13, 14, 15, 16, 17, 18, 19)),
    (63, 63, (12, 13, 14, 15, 16, 17, 18, 19)),
    (67, 67, (12, 13, 14, 15, 16, 17, 18, 19)),
)

_PRINTED: Brands = (  # as above, of the lengths that are on cards today; what is shorter or between them is some other number far more often
    (4, 4, (16,)),
    (51, 55, (16,)),
    (2221, 2720, (16,)),
    (34, 34, (15,)),
    (37, 37, (15,)),
    (300, 305, (14,)),
    (36, 36, (14,)),
    (38, 39, (14,)),
    (6011, 6011, (16,)),
    (644, 659, (16,)),
    (3528, 3589, (16,)),
    (62, 62, (16, 19)),
    (50, 50, (16, 19)),
    (56, 58, (16, 19)),
    (63, 63, (16, 19)),
    (67, 67, (16, 19)),
)
_GAP = r"[ \u00a0\u202f\u2009./_\u2010-\u2015\u2212-]"
_ROW = re.compile(rf"\d(?<!\d\d)(?<!\d{_GAP}\d)(?:{_GAP}?\d){{13,}}+(?![A-Za-z])")  # begins with what is rare, so that most texts are passed quickly
_GROUPING = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (6, 13), (6, 10), (14,), (15,), (16,), (19,)})
_MOST_GROUPS = 5
_LONGEST_PHONE = 15  # E.164
_WORDS_FOR_CARDS = ("card", "cc", "pan", "visa", "mastercard", "mc", "maestro", "amex", "diners", "discover", "jcb", "unionpay", "debit", "credit")


def holds_card_number(given: str) -> bool:
    """Whether something in this text looks like the number of a card."""
    return any(_is_one(re.sub(r"\D", "", found)) for found in _RUN.findall(_HASH.sub("x", given)))


def is_in_free_text(given: str) -> bool:
    """Whether something in this text that a person typed looks like the number of a card (CARD-2), and like no phone or parcel (CARD-3)."""
    return _ROW.search(given) is not None and any(_is_typed(row, given) for row in _ROW.finditer(given))


def _is_typed(row: re.Match[str], given: str) -> bool:
    before = given[: row.start()]
    glued = before[-1:].isascii() and before[-1:].isalpha()
    groups = re.split(_GAP, row.group())
    is_phone = before.endswith("+") and sum(map(len, groups)) <= _LONGEST_PHONE
    if is_phone or (glued and not before.lower().endswith(_WORDS_FOR_CARDS)):
        return False
    return _is_printed("".join(groups)) or any(_is_printed("".join(part)) for part in _as_on_cards(groups))


def _as_on_cards(groups: list[str]) -> Iterator[list[str]]:
    """The groups beside each other that stand as the digits on a card do."""
    for first in range(len(groups)):
        for end in range(first + 1, min(first + _MOST_GROUPS, len(groups)) + 1):
            if tuple(map(len, groups[first:end])) in _GROUPING:
                yield groups[first:end]


def demand_no_card_number(where: str, *given: str) -> None:
    """Raise `InvalidValue`, which shows nothing of them, if one of these texts holds what looks like the number of a card."""
    if any(map(holds_card_number, given)):
        raise InvalidValue(f"{where} must never hold the number of a card, and seems to; give the provider's token, or the last four digits")


def no_card_number(*, least: int = 0, most: int = 200) -> Validator:
    """A validator for text of so many characters that holds no number of a card."""
    is_text = text(least=least, most=most)

    def check(instance: Any, attribute: Any, value: Any) -> None:
        is_text(instance, attribute, value)
        demand_no_card_number(f"{type(instance).__name__}.{attribute.name}", value)

    return check


def no_card_in_facts(instance: Any, attribute: Any, value: Iterable[tuple[str, Any]]) -> None:
    """A validator for pairs of a name and a fact: no fact holds the number of a card, as text or as a number."""
    demand_no_card_number(f"{type(instance).__name__}.{attribute.name}", *[str(fact) for _name, fact in value])


def _is_one(digits: str, brands: Brands = _BRANDS) -> bool:
    return any(low <= int(digits[: len(str(low))]) <= high and len(digits) in lengths for low, high, lengths in brands) and _checks(digits)


def _is_printed(digits: str) -> bool:
    return _is_one(digits, _PRINTED)


def _checks(digits: str) -> bool:
    """The check digit (Luhn)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0
