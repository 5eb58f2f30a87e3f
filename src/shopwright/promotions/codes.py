"""The form of generated codes: letters that are not mistaken for one another, a check letter, and how hard a code is to guess.

Rules
- a code is a prefix, a body drawn from 31 letters, and a check letter; stored without dashes, in upper case;
- the letters are 2 to 9 and A to Z without I, L and O, so nothing in a body looks like 0 or 1; 31 is prime;
- the check letter makes the weighted sum of body and check zero modulo 31. All weights differ and none is zero, so every single wrong
  letter is seen, and so is every swap of two different letters, neighbors or not;
- what people type is read in any case, width and script of digits; spaces, dashes, dots and quotation marks do not count; Greek and
  Cyrillic capitals that look like a Latin one are that one;
- 0, 1, I, L and O in a body are refused and never mapped, for no letter that is printed looks like them; in a prefix, which is known,
  0 is as good as O, and 1 and L are as good as I;
- the check letter is no secret and adds nothing to what has to be guessed: of a body of n letters there are 31 to the n.

Refusals

| code | condition | facts |
|---|---|---|
| `coupon_mistyped` | not of this form: `reason` is `prefix`, `length`, `letter` or `check`, in this order | `coupon`, `reason`, maybe `position` |
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from fractions import Fraction
from operator import mul
from typing import Any, Final

from attrs import field, frozen

from shopwright.edges import maybe, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.refusals import Fact, Refusal

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""The 31 letters of a body and of its check, in the order of counting."""
MAX_BODY: Final = 24
"""The longest body, in letters."""
SAFE_ONE_IN: Final = 1_000_000
"""Unless a batch says otherwise, one guess in so many may hit a live code, and no more often."""

_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_PAIRS = tuple(high + low for high in ALPHABET for low in ALPHABET)
_WEIGHTS = tuple(range(2, 31))  # the check letter itself weighs 1
_MODULUS = len(ALPHABET)
_MOST_TYPED, _MOST_READ = 200, 65  # one letter more than any code has, so that what is too long stays too long
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХЅІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXSIJABEZHIKMNOPTYX")
_SKELETON = str.maketrans("01L", "OII")
_KNOWN = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NOISE = frozenset("'\"`´.,\u2212")
_PREFIX = re.compile("[A-Z0-9]{0,20}")


def check_letter(body: str) -> str:
    """The check letter of a body; raises `InvalidValue` for letters outside the alphabet and for more than 29 of them.

    >>> check_letter("7KQ2M9XA")
    'R'
    """
    if body.__class__ is not str or len(body) > len(_WEIGHTS) or not _VALUE.keys() >= set(body):
        raise InvalidValue(f"expected a body of at most {len(_WEIGHTS)} letters out of {ALPHABET}, got {str(body)[:60]!r}")
    return ALPHABET[-sum(map(mul, _WEIGHTS, map(_VALUE.__getitem__, body))) % _MODULUS]


def squeeze(typed: str) -> str:
    """What was typed as upper-case letters and digits alone, by the rules of the module; whatever is neither becomes `?`.

    Squeezing twice changes nothing. No more than 200 characters are looked at, and no more than 65 come back, which no code has.
    Raises `InvalidValue` for what is not text.
    """
    if not isinstance(typed, str):
        raise InvalidValue(f"coupon code must be text, got {type(typed).__name__}")
    if typed.isascii() and typed.isalnum():
        return typed[:_MOST_READ].upper()
    letters = (letter for sign in typed[:_MOST_TYPED] if not _counts_not(sign) for letter in unicodedata.normalize("NFKC", sign).upper())
    return "".join(_plain(letter) for letter in letters if not _counts_not(letter))[:_MOST_READ]


def same_code(code: str, typed: str) -> bool:
    """Whether what was typed is this code, compared in a time that does not tell how many letters agree.

    Both are squeezed first. What has a letter that no code has, and nothing at all, is the same as no code.
    """
    wanted, got = squeeze(code), squeeze(typed)
    equal = hmac.compare_digest(wanted.encode(), got.encode())
    return equal and bool(wanted) and "?" not in wanted


@frozen
class Uses:
    """How often one code can be used in all: `total` times, or without an end when it is `None`; one use is the default."""

    total: int | None = field(default=1, validator=maybe(whole(least=1)))

    @property
    def single(self) -> bool:
        """Whether the first use is the last."""
        return self.total == 1

    @property
    def limited(self) -> bool:
        """Whether somebody has to count."""
        return self.total is not None


SINGLE_USE: Final = Uses(1)
"""A code of one's own: good once."""
SHARED: Final = Uses(None)
"""A code for everybody: uses are not counted by the code."""


def _prefix(instance: Any, attribute: Any, value: Any) -> None:
    text(most=20)(instance, attribute, value)
    if not _PREFIX.fullmatch(value):
        raise InvalidValue(f"CodePattern.prefix must be upper-case letters and digits, got {value!r}; dashes are set by group")


@frozen(kw_only=True)
class CodePattern:
    """The form of codes: `CodePattern(prefix="SPRING", length=8)` is written `SPRING-7KQ2-M9XA-R`, stored without the dashes.

    Raises `InvalidValue` for a prefix that is not up to 20 of A to Z and 0 to 9, and for a body outside 4 to 24 letters.
    """

    prefix: str = field(default="", validator=_prefix)
    """What every code begins with; empty for nothing."""
    length: int = field(default=10, validator=whole(least=4, most=MAX_BODY))
    """How many letters the body has, the check letter not counted; each makes guessing 31 times harder."""
    group: int = field(default=4, validator=whole(least=0, most=MAX_BODY))
    """After how many letters a dash is written; 0 writes none."""
    check: bool = field(default=True, validator=of(bool))
    """Whether a check letter ends the code."""

    @property
    def space(self) -> int:
        """How many different codes there can be."""
        return int(_MODULUS**self.length)

    @property
    def size(self) -> int:
        """How many letters a code has as it is stored."""
        return len(self.prefix) + self.length + self.check

    def spell(self, number: int) -> str:
        """The code with this number, from 0 to `space` - 1, as it is stored; raises `InvalidValue` beyond."""
        if number.__class__ is not int or not 0 <= number < self.space:
            raise InvalidValue(f"expected a number from 0 to {self.space - 1}, got {number!r}")
        pairs = []
        for _ in range(self.length // 2):
            number, pair = divmod(number, _MODULUS * _MODULUS)
            pairs.append(_PAIRS[pair])
        if self.length % 2:
            pairs.append(ALPHABET[number])
        body = "".join(reversed(pairs))
        if not self.check:
            return self.prefix + body
        return f"{self.prefix}{body}{ALPHABET[-sum(map(mul, _WEIGHTS, map(_VALUE.__getitem__, body))) % _MODULUS]}"

    def number(self, code: str) -> int:
        """The number of a code as `read_code` gives it; the inverse of `spell`."""
        number = 0
        for letter in code[len(self.prefix) : len(self.prefix) + self.length]:
            number = number * _MODULUS + _VALUE[letter]
        return number

    def write(self, code: str) -> str:
        """A stored code with its dashes, as it is printed."""
        if not self.group:
            return code
        rest = code[len(self.prefix) :]
        groups = [rest[at : at + self.group] for at in range(0, len(rest), self.group)]
        return "-".join([self.prefix, *groups] if self.prefix else groups)


def read_code(pattern: CodePattern, typed: str) -> str | Refusal:
    """The code that was typed, as it is stored, or `coupon_mistyped` with the reason `prefix`, `length`, `letter` or `check`.

    A code that reads well is of the right form; whether anybody issued it is another question. Raises `InvalidValue` for what is not text.
    """
    got = squeeze(typed)
    start = len(pattern.prefix)
    if skeleton(got[:start]) != skeleton(pattern.prefix):
        return _mistyped(got, "prefix", f"a code of this kind begins with {pattern.prefix}")
    if len(got) != pattern.size:
        return _mistyped(got, "length", f"a code of this kind has {pattern.size} letters, dashes not counted; {len(got)} were typed")
    body = got[start:]
    wrong = next((at for at, letter in enumerate(body, start + 1) if letter not in _VALUE), None)
    if wrong is not None:
        return _mistyped(got, "letter", f"letter {wrong} cannot be right: after the prefix, 0, 1, I, L and O are never used", position=wrong)
    if pattern.check and check_letter(body[:-1]) != body[-1]:
        return _mistyped(got, "check", "a letter is wrong, or two are swapped")
    return pattern.prefix + body


def skeleton(letters: str) -> str:
    """Letters with 0 taken for O, and 1 and L for I: two prefixes with one skeleton are one prefix to those who type."""
    return letters.translate(_SKELETON)


@frozen
class Guessing:
    """What one guess at a code is worth: `live` codes of a `space` are good.

    Raises `InvalidValue` unless there is at least one live code, and no more of them than the space holds.
    """

    space: int = field(validator=whole(least=1, most=_MODULUS**MAX_BODY))
    live: int = field(validator=whole(least=1, most=_MODULUS**MAX_BODY))

    def __attrs_post_init__(self) -> None:
        if self.live > self.space:
            raise InvalidValue(f"Guessing.live must be at most the space of {self.space}, got {self.live}")

    @property
    def one_in(self) -> int:
        """One guess in so many hits, rounded down: never safer than it is."""
        return self.space // self.live

    @property
    def chance(self) -> Fraction:
        """The exact chance that one guess hits."""
        return Fraction(self.live, self.space)

    def hits(self, guesses: int) -> Fraction:
        """How many hits so many guesses may expect."""
        return self.chance * guesses

    def __str__(self) -> str:
        return f"{self.live:,} of {self.space:,} codes are live: one guess in {self.one_in:,} hits"


def risk(pattern: CodePattern, live: int) -> Guessing:
    """How likely one guess hits when so many codes of this pattern are live.

    >>> print(risk(CodePattern(length=8), 1_000_000))
    1,000,000 of 852,891,037,441 codes are live: one guess in 852,891 hits
    """
    return Guessing(pattern.space, live)


def shortest(live: int, *, one_in: int = SAFE_ONE_IN) -> int:
    """The shortest body, from 4 letters on, with which one guess in `one_in` hits so many live codes, or fewer.

    Raises `InvalidValue` when 24 letters are not enough.
    """
    for length in range(4, MAX_BODY + 1):
        if _MODULUS**length >= live * one_in:
            return length
    raise InvalidValue(f"expected no more than {_MODULUS**MAX_BODY // one_in} live codes at one in {one_in}, got {live}")


def _counts_not(sign: str) -> bool:
    return sign.isspace() or sign in _NOISE or unicodedata.category(sign) in {"Zs", "Zl", "Zp", "Pd", "Pc", "Pi", "Pf", "Cf"}


def _plain(letter: str) -> str:
    found = letter.translate(_LOOKALIKES)
    if found not in _KNOWN:
        digit = unicodedata.decimal(found, None)
        return "?" if digit is None else str(digit)
    return found


def _mistyped(got: str, reason: str, said: str, **more: int) -> Refusal:
    facts: dict[str, Fact] = {"coupon": got[:64], "reason": reason, **more}
    return Refusal("coupon_mistyped", f"coupon {got[:64] or 'code'} is mistyped: {said}", facts)
