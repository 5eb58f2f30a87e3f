"""Ids that sort by the time they were made: 26 letters and digits in the layout of ULID (github.com/ulid/spec).

Rules
- the first 10 characters are 48 bits of milliseconds since 1970, the last 16 are 80 random bits; text order is time order;
- the alphabet is Crockford's base 32 in upper case, without I, L, O and U;
- two ids of one millisecond are in no particular order: an order that matters belongs in a stream;
- within one millisecond, a thousand million ids have a chance of less than one in a million to meet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from reprlib import repr as shown
from typing import Final, Protocol

from shopwright.errors import InvalidValue

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The 32 digits: 0 to 9 and the upper-case letters but I, L, O and U."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VALUES = {digit: value for value, digit in enumerate(CROCKFORD)}
_PAIRS = tuple([first + second for first in CROCKFORD for second in CROCKFORD])  # two digits at a time: half the steps
_PAIR_SHIFTS = tuple(range(120, -1, -10))
_CHANCE_BYTES = 10


class Randomness(Protocol):
    """What `random.Random` is, as far as it is needed here."""

    def randbytes(self, n: int, /) -> bytes:
        """So many random bytes."""
        ...


Entropy = Callable[[int], bytes] | Randomness
"""Where chance comes from: `secrets.token_bytes` in a shop, a seeded `random.Random` in a test."""


def new_id(*, at: datetime, rng: Entropy) -> str:
    """A new id for something made `at` this time; raises `InvalidValue` for a time without a zone or before 1970."""
    number = _milliseconds(at) << 80 | random_int(rng, _CHANCE_BYTES)
    pairs = _PAIRS
    return "".join([pairs[number >> shift & 1_023] for shift in _PAIR_SHIFTS])


def id_time(id: str) -> datetime:
    """When this id was made, in UTC to the millisecond; raises `InvalidValue` for what `new_id` cannot have made."""
    if id.__class__ is str and len(id) == 26 and all(digit in _VALUES for digit in id):
        milliseconds = 0
        for digit in id[:10]:
            milliseconds = milliseconds * 32 + _VALUES[digit]
        try:
            return _EPOCH + timedelta(milliseconds=milliseconds)
        except OverflowError:
            pass  # ten digits reach past the last year that a datetime can hold
    raise InvalidValue(f"expected an id of 26 characters in Crockford's base 32, upper case, of a time before the year 10000; got {shown(id)}")


def random_int(rng: Entropy, size: int) -> int:
    """A random integer of so many bytes; raises `InvalidValue` when the source gives anything else."""
    draw = getattr(rng, "randbytes", rng)
    if not callable(draw):
        raise InvalidValue(f"expected rng to be a function such as secrets.token_bytes, or a random.Random, got {shown(rng)}")
    chance = draw(size)
    if not isinstance(chance, bytes) or len(chance) != size:
        raise InvalidValue(f"expected rng to give {size} bytes when asked for {size}, got {shown(chance)}")
    return int.from_bytes(chance)


def checked_time(at: object) -> datetime:
    """The same time; raises `InvalidValue` for what is no datetime, or one without a zone."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidValue(f"at must be a datetime with a time zone, got {at!r}; give it one, such as datetime.now(UTC)")
    return at


def _milliseconds(at: datetime) -> int:
    since = checked_time(at) - _EPOCH
    milliseconds = (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
    if milliseconds < 0:
        raise InvalidValue(f"at must not be before 1970, got {at.isoformat()}")
    return milliseconds
