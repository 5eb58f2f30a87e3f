"""Numbers of cards never enter a shop: what looks like one is refused where it is given, and no error shows it.

Rules
- CARD-1: a run of 12 to 19 digits, spaced or dashed, that begins and is as long as the numbers of a card brand and has their check digit is refused:
  as a token, in references, reasons and facts, and in what a gateway is sent;
- longer runs, and runs without the check digit, are no cards: order numbers, IBANs, numbers of transfers;
- a code that the buyer shows to be scanned is a number too, and looks like whatever it likes; it alone is let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from shopwright.edges import Validator, text
from shopwright.errors import InvalidValue

_RUN = re.compile(r"(?<!\d)(?<!\d[ -])\d(?:[ -]?\d){11,18}(?![ -]?\d)")

_BRANDS = (  # first digits from and to, and how long the whole is: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro
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


def holds_card_number(given: str) -> bool:
    """Whether something in this text looks like the number of a card."""
    return any(_is_one(re.sub(r"\D", "", found)) for found in _RUN.findall(given))


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


def _is_one(digits: str) -> bool:
    return any(low <= int(digits[: len(str(low))]) <= high and len(digits) in lengths for low, high, lengths in _BRANDS) and _checks(digits)


def _checks(digits: str) -> bool:
    """The check digit (Luhn)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0
