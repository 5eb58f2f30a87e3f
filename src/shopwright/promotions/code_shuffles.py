"""A keyed permutation of the numbers below 31 to the n: what makes a counter look drawn, and can be turned back.

Rules
- it is a Feistel network over two halves that are added modulo their own sizes, so it maps exactly the numbers it is asked for, none is
  walked past, and every number costs the same eight rounds;
- a round adds a keyed BLAKE2b of the other half, with the number of the round as personalization, 128 bits taken modulo the half: the
  bias is below 2 to the -68;
- the key of the network is derived from the secret and a label, so one secret serves many labels without a relation between them.

What it is for, and what not. Somebody who knows some of its numbers, but not the key, should not guess another one better than by
chance. Four rounds of a pseudorandom function give that for about the square root of a half (Luby and Rackoff); eight are meant to
carry it to about a half (Patarin), which at ten letters is 28 million known codes. That is resistance to guessing. It is no encryption
of anything, and whoever has the key has all the codes. On bodies of four letters a half is 961: there an attacker who sees hundreds of
codes may learn something, which is one more reason for the limits that batches set.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from shopwright.errors import InvalidValue

ROUNDS: Final = 8
"""An even number, so that the halves end where they began."""


class Shuffle:
    """A permutation of the numbers from 0 to 31 ** `length` - 1, fixed by a secret `key` and a `label`.

    `key` is 16 to 64 bytes, `length` from 2 on. Making one costs about as much as two numbers; it never changes, and threads may share it.
    """

    __slots__ = ("_high", "_low", "_rounds")

    def __init__(self, *, key: bytes, label: tuple[str, ...], length: int) -> None:
        if not 16 <= len(key) <= 64:
            raise InvalidValue(f"key must be 16 to 64 bytes, got {len(key)} of them; make one with secrets.token_bytes(32)")
        if type(length) is not int or not 2 <= length <= 24:
            raise InvalidValue(f"expected a length from 2 to 24, got {length!r}")
        self._high: int = 31 ** (length // 2)
        self._low: int = 31 ** (length - length // 2)
        derived = blake2b(_framed((*label, str(length))), key=key, digest_size=32, person=b"shopwright codes").digest()
        self._rounds = tuple(blake2b(key=derived, digest_size=16, person=b"round %d" % number) for number in range(ROUNDS))

    @property
    def size(self) -> int:
        """How many numbers are permuted."""
        return self._high * self._low

    def number_at(self, position: int) -> int:
        """The number in this position; raises `InvalidValue` for one that is not there."""
        self._require(position)
        left, right = divmod(position, self._low)
        modulus, other = self._high, self._low
        for state in self._rounds:
            mixer = state.copy()
            mixer.update(right.to_bytes(8, "big"))  # the largest half, 31 ** 12, fits
            left, right = right, (left + int.from_bytes(mixer.digest(), "big")) % modulus
            modulus, other = other, modulus
        return left * self._low + right

    def position_of(self, number: int) -> int:
        """The position of this number: the inverse of `number_at`."""
        self._require(number)
        left, right = divmod(number, self._low)
        modulus, other = self._low, self._high
        for state in reversed(self._rounds):
            mixer = state.copy()
            mixer.update(left.to_bytes(8, "big"))
            left, right = (right - int.from_bytes(mixer.digest(), "big")) % modulus, left
            modulus, other = other, modulus
        return left * self._low + right

    def _require(self, number: int) -> None:
        if number.__class__ is not int or not 0 <= number < self._high * self._low:
            raise InvalidValue(f"expected a number from 0 to {self.size - 1}, got {number!r}")


def _framed(parts: tuple[str, ...]) -> bytes:
    """Texts as bytes in which no two tuples look alike: each behind its length."""
    told = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in told)
