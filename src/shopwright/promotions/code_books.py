"""The batches that a shop honors, as one value that tells whose code somebody typed, and for what.

Rules
- a book holds no two batches that could have one code: batches whose codes are as long and whose prefixes could be taken for one another
  must be of one series, with other positions;
- a code is looked for among its batches only; codes of one's own words ("SPRING") are coupons as before, looked up when the book knows nothing.

Refusals, in the order of the checks (the first that fails is told)

| code | condition | facts |
|---|---|---|
| `coupon_mistyped` | it is of the form of no batch; told of the batch it comes closest to | `coupon`, `reason`; for a letter `position` |
| `coupon_unknown` | of the right form, but never issued | `coupon` |
| `coupon_not_yours` | issued to another member | `coupon` |
| `coupon_not_started` | `at` is before the batch starts | `coupon`, `starts` |
| `coupon_expired` | `at` is when the batch expires, or later | `coupon`, `ends` |
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations

from attrs import field, frozen

from shopwright.edges import members, of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import aware
from shopwright.promotions.code_batches import CodeBatch
from shopwright.promotions.codes import Uses, read_code, skeleton
from shopwright.refusals import Refusal

_CLOSENESS = ("prefix", "length", "letter", "check")


@frozen
class IssuedCode:
    """A code that was issued: as it is stored, with its batch and its position in it."""

    code: str
    batch: CodeBatch = field(validator=of(CodeBatch))
    position: int = field(validator=whole(least=0))

    @property
    def member(self) -> str | None:
        """Whose code it is; `None` when it is for whoever has it."""
        return self.batch.member_at(self.position)

    @property
    def uses(self) -> Uses:
        """How often it can be used."""
        return self.batch.uses


def _apart(batches: Iterable[CodeBatch]) -> None:
    for one, other in combinations(batches, 2):
        if one.id == other.id:
            raise InvalidValue(f"CodeBook.batches must have each id once, got {one.id} twice")
        if _can_meet(one, other):
            raise InvalidValue(
                f"batches {one.id} and {other.id} could have a code in common; give one another prefix or length, or make the later with following()"
            )


@frozen
class CodeBook:
    """The batches that a shop honors; raises `InvalidValue` when two have one id or could have a code in common."""

    batches: tuple[CodeBatch, ...] = field(validator=members(CodeBatch))

    def __attrs_post_init__(self) -> None:
        _apart(self.batches)

    @property
    def promotions(self) -> frozenset[str]:
        """The ids of the promotions that its codes claim."""
        return frozenset(batch.promotion for batch in self.batches)


def find(book: CodeBook, typed: str) -> IssuedCode | Refusal:
    """The issued code that was typed, or why there is none; raises `InvalidValue` for what is not text."""
    no: Refusal | None = None
    places: dict[tuple[bytes, str, str, int], int] = {}
    for batch in book.batches:
        code = read_code(batch.pattern, typed)
        if isinstance(code, Refusal):
            no = _closer(no, code)
            continue
        # Batches of one series share one permutation: it is run once for all of them.
        series = (batch.key, batch.series, batch.pattern.prefix, batch.pattern.length)
        if series not in places:
            places[series] = batch.shuffle().position_of(batch.pattern.number(code))
        position = places[series] - batch.first
        if 0 <= position < batch.count:
            return IssuedCode(code, batch, position)
        no = _closer(no, unknown(code))
    return no or unknown("")


def admit(book: CodeBook, typed: str, *, at: datetime, member: str | None = None) -> IssuedCode | Refusal:
    """The issued code that was typed, if this member may use it now; whether it has uses left is a question to the storage.

    `member` is `None` for a guest, who may use every code that was not issued to somebody. Raises `InvalidValue` for what is not text, and
    for a time without a zone.
    """
    aware(at)
    found = find(book, typed)
    if isinstance(found, Refusal):
        return found
    if found.member is not None and found.member != member:
        return Refusal("coupon_not_yours", f"coupon {found.code} was issued to another member", {"coupon": found.code})
    starts, ends = found.batch.starts, found.batch.expires
    if starts is not None and at < starts:
        told = starts.isoformat()
        return Refusal("coupon_not_started", f"coupon {found.code} is good from {told} on", {"coupon": found.code, "starts": told})
    if ends is not None and at >= ends:
        told = ends.isoformat()
        return Refusal("coupon_expired", f"coupon {found.code} was good until {told}", {"coupon": found.code, "ends": told})
    return found


def _can_meet(one: CodeBatch, other: CodeBatch) -> bool:
    if one.pattern.size != other.pattern.size:
        return False
    shorter, longer = sorted((skeleton(one.pattern.prefix), skeleton(other.pattern.prefix)), key=len)
    if not longer.startswith(shorter):
        return False
    series = {(batch.key, batch.series, batch.pattern.prefix, batch.pattern.length, batch.pattern.check) for batch in (one, other)}
    return len(series) > 1 or (one.first < other.first + other.count and other.first < one.first + one.count)


def unknown(code: str) -> Refusal:
    """The refusal of a code that nobody issued."""
    return Refusal("coupon_unknown", f"coupon {code or 'code'} is not known", {"coupon": code})


def _closer(one: Refusal | None, other: Refusal) -> Refusal:
    return other if one is None or _closeness(other) > _closeness(one) else one


def _closeness(no: Refusal) -> int:
    """How near to a code: one of the right form is nearest, then by how many checks of the form were passed."""
    return _CLOSENESS.index(str(no.fact("reason"))) if no.code == "coupon_mistyped" else len(_CLOSENESS)
