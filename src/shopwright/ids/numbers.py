"""Order numbers for people: a date, a short body and a check character, as in `20261122-2E4V5-9`.

Rules
- the date is the day of the order in the shop's own zone; the body is drawn at random or counted; both are covered by the check;
- the letters are Crockford's: no I, L, O or U, so that what is read out or typed as O, I or L is taken for 0, 1 and 1;
- the check is Damm's algorithm (H. M. Damm, 2004): it catches every single wrong character and every swap of two neighbors; with
  letters it runs over the field of 32 elements, with a body of digits alone over Damm's own table of ten;
- a number is not a secret and gaps mean nothing: a drawn body that is never used is simply not used.

Unique under concurrency: a number is only a proposal. The flow writes it as a document with version 0, so that the second of two
equal ones gets `VersionConflict` and draws anew. With the default 5 letters there are 33,554,432 numbers a day: a thousand orders a
day meet once in about two months, a hundred thousand about 150 times a day, each at the price of one more draw.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from reprlib import repr as shown
from typing import Any, Final
from unicodedata import normalize as unicode_form

from attrs import field, frozen

from shopwright.edges import text, whole
from shopwright.errors import InvalidValue
from shopwright.ids.names import OrderNumber
from shopwright.ids.ordered import CROCKFORD, Entropy, checked_time, random_int

DIGITS: Final = "0123456789"

# The table of Damm's thesis: a quasigroup of order ten in which no swap of neighbors, and no single change, goes unseen.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_CONFUSED = str.maketrans("ILO", "110")
_NOISE = str.maketrans("", "", " \t-_./#\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_LONGEST_INPUT = 100
_LONGEST_TEXT = 10_000


def check_character(body: str, *, digits_only: bool = False) -> str:
    """Damm's check character for text in Crockford's alphabet, or in digits alone."""
    if digits_only:
        return DIGITS[_run_ten(body)]
    return CROCKFORD[_run_thirty_two(body)]


def _alphabet(instance: Any, attribute: Any, value: Any) -> None:
    text(least=2, most=32)(instance, attribute, value)
    strange = sorted(set(value) - set(CROCKFORD))
    if strange or len(set(value)) != len(value):
        problem = f"got {', '.join(strange)}" if strange else "got one twice"
        raise InvalidValue(f"OrderNumbers.alphabet must be different characters out of {CROCKFORD}, {problem}")


def _prefix(instance: Any, attribute: Any, value: Any) -> None:
    text(most=12)(instance, attribute, value)
    if value and not (value.isascii() and value.isalnum() and value == value.upper()):
        raise InvalidValue(f"OrderNumbers.prefix must be upper-case letters and digits, got {shown(value)}")


def _zone(instance: Any, attribute: Any, value: Any) -> None:
    text(least=1, most=100)(instance, attribute, value)
    _zone_of(value)


@frozen(kw_only=True)
class OrderNumbers:
    """How a shop numbers its orders; `OrderNumbers(prefix="SW", zone="Asia/Shanghai")` makes `SW-20261122-2E4V5-9`.

    A change of settings affects new numbers only; keep the old value to read old numbers back.
    """

    prefix: str = field(default="", validator=_prefix)
    """Up to 12 upper-case letters and digits before the date; empty for none."""
    zone: str = field(default="UTC", validator=_zone)
    """The zone whose calendar gives the date."""
    length: int = field(default=5, validator=whole(least=1, most=16))
    """How many characters the body has."""
    alphabet: str = field(default=CROCKFORD, validator=_alphabet)
    """What the body is written in, in the order of counting; digits alone make the whole number digits."""

    @property
    def capacity(self) -> int:
        """How many different numbers one day can have."""
        return int(len(self.alphabet) ** self.length)

    def make(self, *, at: datetime, rng: Entropy | None = None, sequence: int | None = None) -> OrderNumber:
        """The number of an order placed `at` this time, its body drawn from `rng` or, counted from 0, at this `sequence`.

        Raises `InvalidValue` for a time without a zone, for both or neither of the two, and for a sequence at or beyond
        `capacity`. A counted body is unique as long as its counter is, and tells everybody how much the shop sells.
        """
        if (rng is None) == (sequence is None):
            raise InvalidValue("expected either rng= or sequence=; give rng=secrets.token_bytes to draw, or sequence=n to count")
        if rng is not None:
            return self._numbered(at, random_int(rng, 16) % self.capacity)
        if type(sequence) is not int or not 0 <= sequence < self.capacity:
            raise InvalidValue(f"expected a sequence from 0 to {self.capacity - 1}, got {shown(sequence)}; a larger length holds more")
        return self._numbered(at, sequence)

    def normalize(self, text: str) -> OrderNumber:
        """What was read out or typed, as the number it stands for; raises `InvalidValue` for what is no number of ours.

        Case, spaces, dashes and full-width forms do not matter; O is read as 0, I and L as 1.
        """
        if text.__class__ is not str or len(text) > _LONGEST_INPUT:
            raise InvalidValue(f"expected an order number as text of at most {_LONGEST_INPUT} characters, got {shown(text)}")
        plain = _read(text)
        prefix = _read(self.prefix)
        body = plain[len(prefix) :]
        if not plain.startswith(prefix) or len(body) != 8 + self.length + 1:
            raise InvalidValue(f"expected an order number such as {self._sample()}, got {shown(text)}")
        day, body, check = body[:8], body[8:-1], body[-1]
        if not _is_day(day) or not set(body) <= set(self.alphabet) or check != self._check(day + body):
            raise InvalidValue(f"no order has the number {shown(text)}: a character is wrong or two are swapped; read it again")
        return self._joined(day, body, check)

    def valid(self, text: str) -> bool:
        """Whether this can be one of our numbers, as `normalize` reads it."""
        try:
            self.normalize(text)
        except InvalidValue:
            return False
        return True

    def find(self, text: str) -> tuple[OrderNumber, ...]:
        """Every number of ours that a free text names, such as what a buyer wrote under a transfer: each once, in their order.

        Case, spaces, dashes and line breaks do not matter, and what stands around a number does not either; without its check character it is none.
        Raises `InvalidValue` for what is no text, or longer than 10,000 characters.
        """
        if text.__class__ is not str or len(text) > _LONGEST_TEXT:
            raise InvalidValue(f"expected a text of at most {_LONGEST_TEXT} characters, got {shown(text)}")
        plain, width = _read("".join(text.split())), len(_read(self.prefix)) + 8 + self.length + 1
        found: list[OrderNumber] = []
        start = 0
        while start + width <= len(plain):
            part = plain[start : start + width]
            ours = self.valid(part)
            if ours:
                found.append(self.normalize(part))
            start += width if ours else 1
        return tuple(dict.fromkeys(found))

    def _numbered(self, at: datetime, index: int) -> OrderNumber:
        day = _day_text(checked_time(at).astimezone(_zone_of(self.zone)).date())
        alphabet, body = self.alphabet, ""
        base = len(alphabet)
        for _ in range(self.length):
            body = alphabet[index % base] + body
            index //= base
        return self._joined(day, body, self._check(day + body))

    def _check(self, covered: str) -> str:
        return check_character(covered, digits_only=self.alphabet.isdecimal())

    def _joined(self, day: str, body: str, check: str) -> OrderNumber:
        parts = (self.prefix, day, body, check) if self.prefix else (day, body, check)
        return OrderNumber("-".join(parts))

    def _sample(self) -> str:
        body = self.alphabet[1] * self.length
        return self._joined("20261122", body, self._check("20261122" + body))


def _read(text: str) -> str:
    return unicode_form("NFKC", text).translate(_NOISE).upper().translate(_CONFUSED)


@lru_cache(64)
def _day_text(day: date) -> str:
    return day.isoformat().replace("-", "")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        return False
    return text.isascii() and text.isdecimal()


def _run_ten(body: str) -> int:
    state = 0
    for character in body:
        state = _DAMM[state][int(character)]
    return state


def _run_thirty_two(body: str) -> int:
    """Each step adds the character and doubles, in the field of 32 elements made by x^5 + x^2 + 1; what closes to zero is the check."""
    state = 0
    values, doubled = _VALUES, _DOUBLED
    for character in body:
        state = doubled[state ^ values[character]]
    return state


def _zone_of(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidValue(f"unknown time zone {shown(name)}; expected a name of the IANA database such as 'Europe/Berlin'") from None


_VALUES = {character: value for value, character in enumerate(CROCKFORD)}
_DOUBLED = tuple([value << 1 ^ (0b100101 if value & 16 else 0) for value in range(32)])
