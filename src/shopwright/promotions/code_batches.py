"""A batch of generated codes: a million of them as one small value, made when they are asked for and recognized without being stored.

Rules
- the n-th code of a batch is fixed by its key, series and pattern; two positions never give one code, so nothing is looked up;
- counting goes on where it stopped: `codes(batch, start=n)` needs no memory of the codes before;
- a code is told from a foreign one by turning it back into its position: in the batch when that lies within `count`;
- batches of one series share the key and take different positions, so their codes differ; `following` makes the next one;
- a batch in which a guess would hit more often than one time in `safe_one_in` is refused; the codes of earlier batches of its series count
  as live;
- raising `count`, moving `starts` and `expires` or changing `uses` leaves every code as it is; another key, series, prefix or length
  changes them all;
- whoever has the key has every code: it stays out of `repr`, and belongs where the shop's other secrets are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import Factory, evolve, field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.periods import utc
from shopwright.promotions.code_shuffles import Shuffle
from shopwright.promotions.codes import SAFE_ONE_IN, SINGLE_USE, CodePattern, Guessing, Uses, read_code, risk, shortest
from shopwright.refusals import Refusal

_LARGEST = 10**12
_is_id, _is_bytes = identifier(), of(bytes)


def _key(instance: Any, attribute: Any, value: Any) -> None:
    _is_bytes(instance, attribute, value)
    # The value is a secret: the message names its length at most.
    if not 16 <= len(value) <= 64:
        raise InvalidValue(f"CodeBatch.key must be 16 to 64 bytes, got {len(value)} of them; make one with secrets.token_bytes(32)")


def _members(instance: Any, attribute: Any, value: Any) -> None:
    members(str)(instance, attribute, value)
    for member in value:
        _is_id(instance, attribute, member)


def _moment(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value, "CodeBatch.expires")


def _start(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value, "CodeBatch.starts")


@frozen(kw_only=True)
class CodeBatch:
    """So many codes of one pattern for one promotion.

    Raises `InvalidValue` for a key outside 16 to 64 bytes, for members that are not one for each code, and when guessing is too easy.
    """

    id: str = field(validator=identifier())
    pattern: CodePattern = field(validator=of(CodePattern))
    count: int = field(validator=whole(least=1, most=_LARGEST))
    """How many codes it has."""
    key: bytes = field(validator=_key, repr=False)
    """The secret that fixes the codes: `secrets.token_bytes(32)`."""
    promotion: str = field(validator=identifier())
    """The id of the promotion that the codes claim."""
    campaign: str = field(default="", validator=text())
    members: tuple[str, ...] = field(default=(), validator=_members)
    """Whose code each is, in order; empty when the codes are for whoever has them."""
    uses: Uses = field(default=SINGLE_USE, validator=of(Uses))
    """How often each code can be used."""
    starts: datetime | None = field(default=None, validator=maybe(of(datetime)), converter=_start)
    """From when on the codes are good, in UTC; at once when it is `None`."""
    expires: datetime | None = field(default=None, validator=maybe(of(datetime)), converter=_moment)
    """From when on the codes are no longer good, in UTC."""
    first: int = field(default=0, validator=whole(least=0, most=_LARGEST))
    """The position of its first code in the series."""
    series: str = field(default=Factory(lambda batch: batch.id, takes_self=True), validator=identifier())
    """What it shares with the batches whose codes must differ; its own id unless it follows another."""
    safe_one_in: int = field(default=SAFE_ONE_IN, validator=whole(least=1))
    """The most that one guess may be worth: one hit in so many."""

    def __attrs_post_init__(self) -> None:
        if self.members and len(self.members) != self.count:
            raise InvalidValue(f"CodeBatch.members must be none, or one for each of {self.count} codes, got {len(self.members)}")
        if self.starts is not None and self.expires is not None and self.expires <= self.starts:
            raise InvalidValue(f"batch {self.id} must expire after it starts, got {self.starts.isoformat()} to {self.expires.isoformat()}")
        live = self.first + self.count
        if live * self.safe_one_in > self.pattern.space:
            raise InvalidValue(
                f"codes of batch {self.id} are too easy to guess: {live} live codes of {self.pattern.space}, allowed is one hit in "
                f"{self.safe_one_in} guesses; take a length of {shortest(live, one_in=self.safe_one_in)}, got {self.pattern.length}"
            )

    @property
    def guessing(self) -> Guessing:
        """What one guess is worth, with all codes of its series up to its own taken for live."""
        return risk(self.pattern, self.first + self.count)

    def shuffle(self) -> Shuffle:
        """The permutation that orders the codes of its series."""
        return Shuffle(key=self.key, label=(self.series, self.pattern.prefix), length=self.pattern.length)

    def member_at(self, position: int) -> str | None:
        """Whose code the one in this position is; `None` when it is for whoever has it."""
        return self.members[position] if self.members else None


def code_at(batch: CodeBatch, position: int) -> str:
    """The code in this position, from 0 to `count` - 1, as it is stored; raises `InvalidValue` beyond."""
    return next(codes(batch, start=_position(batch, position), stop=position + 1))


def codes(batch: CodeBatch, *, start: int = 0, stop: int | None = None) -> Iterator[str]:
    """The codes from position `start` to before `stop`, or to the end, one at a time, as they are stored.

    Raises `InvalidValue`, at once and not at the first code, for positions that the batch does not have; a start at its end gives nothing.
    """
    last = batch.count if stop is None else stop
    for position in (start, last):
        if position.__class__ is not int or not 0 <= position <= batch.count:
            raise InvalidValue(f"expected positions from 0 to {batch.count} of batch {batch.id}, got {position!r}")
    number_at, spell, first = batch.shuffle().number_at, batch.pattern.spell, batch.first
    return (spell(number_at(position)) for position in range(first + start, first + last))


def position_of(batch: CodeBatch, typed: str) -> int | None:
    """The position of a code in the batch, however it was typed; `None` when it is not one of its codes.

    Takes the same few steps for any code of the right form, so the time tells nothing. Raises `InvalidValue` for what is not text.
    """
    code = read_code(batch.pattern, typed)
    if isinstance(code, Refusal):
        return None
    position = batch.shuffle().position_of(batch.pattern.number(code)) - batch.first
    return position if 0 <= position < batch.count else None


def following(batch: CodeBatch, *, id: str, count: int, members: tuple[str, ...] = ()) -> CodeBatch:
    """The next batch of the series, with codes that this one does not have; whatever is not named stays as it is.

    Each batch is followed once: two that follow the same one would have the same codes, which `CodeBook` refuses.
    """
    return evolve(batch, id=id, first=batch.first + batch.count, count=count, members=members)


def _position(batch: CodeBatch, position: int) -> int:
    if position.__class__ is not int or not 0 <= position < batch.count:
        raise InvalidValue(f"expected a position from 0 to {batch.count - 1} of batch {batch.id}, got {position!r}")
    return position
