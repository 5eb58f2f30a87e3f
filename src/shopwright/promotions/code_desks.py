"""The desk where a shop looks at the codes that a customer typed: which are good, what they claim, and why the others are not.

Rules
- a code is a word that promotions ask for ("SPRING"), or one that was issued (`CodeBook`); a word is never looked for in the book;
- a promotion that a batch names is for those alone who type one of its codes, whatever else it asks for;
- a code whose promotion has not begun, or is over, is refused as if it were its own time;
- the limiter is asked before each code is looked at, and then says the same of every code, good or not;
- a guess that missed counts: one of the right form that was never issued or is somebody else's, and where promotions ask for words also
  what could be a word. Where only a letter is wrong, by the alphabet or by the check letter, nothing counts;
- codes are looked at one by one in the order of their letters, and who is out of attempts learns nothing of the rest.

Refusals, in the order of the checks: `coupon_attempts`, then those of `shopwright.promotions.code_books` (where promotions ask for words, what
cannot have been meant for an issued code is `coupon_unknown`), then `coupon_not_started` and `coupon_expired` by the times of the promotion.
What has been used up is `coupon_exhausted`, which a storage knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from shopwright.edges import of
from shopwright.errors import InvalidValue
from shopwright.promotions.code_attempts import AttemptLimiter, note, out_of_attempts
from shopwright.promotions.code_books import CodeBook, IssuedCode, admit, unknown
from shopwright.promotions.conditions import All, Code, Issued
from shopwright.promotions.promotion import Promotion, PromotionState
from shopwright.refusals import Refusal


def _is_limiter(instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and not (callable(getattr(value, "allow", None)) and callable(getattr(value, "failed", None))):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have allow and failed, as AttemptLimiter, got {type(value).__name__}")


@frozen
class CodeDesk:
    """The codes that a shop honors, and who says how often somebody may be wrong; without a limiter nobody does.

    Raises `InvalidValue` for other types.
    """

    book: CodeBook = field(validator=of(CodeBook))
    limiter: AttemptLimiter | None = field(default=None, validator=_is_limiter)

    def allows(self, subject: str, *, at: datetime) -> bool:
        """Whether this subject may try a code now."""
        return self.limiter is None or self.limiter.allow(subject, at=at)

    def missed(self, subject: str, code: str, *, at: datetime) -> None:
        """Take note of a guess that missed."""
        if self.limiter is not None:
            note(self.limiter, subject, code, at=at)


@frozen(kw_only=True)
class Entered:
    """What became of the codes of one cart: words and issued codes that are good, and those that were refused, as they were typed."""

    words: frozenset[str] = frozenset()
    issued: tuple[IssuedCode, ...] = ()
    refused: tuple[tuple[str, Refusal], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What a basket has for its codes."""
        return self.words | {Issued(it.batch.promotion).word for it in self.issued}


class OpenDesk:
    """A desk together with the promotions that codes claim. Safe to share between threads when its limiter is.

    Raises `InvalidValue` for a batch whose promotion is not among them.
    """

    def __init__(self, desk: CodeDesk, promotions: Iterable[Promotion]) -> None:
        self.desk = desk
        self._by_id = {it.id: it for it in promotions}
        self._by_word = _by_word(self._by_id.values())
        missing = sorted(desk.book.promotions - self._by_id.keys())
        if missing:
            known = ", ".join(sorted(self._by_id)[:5]) or "none"
            raise InvalidValue(f"expected the promotions that codes are for, got none named {', '.join(missing)}; this shop has {known}")

    def ask(self, typed: Collection[str], *, subject: str, member: str, at: datetime) -> Entered:
        """What is good of the normalized codes that `subject` has typed for this member, and what is not; uses are a question to the storage."""
        words, refused = set(), []
        issued: dict[str, IssuedCode] = {}
        for code in sorted(typed):
            found = self._asked(code, subject=subject, member=member, at=at)
            if isinstance(found, Refusal):
                refused.append((code, found))
            elif isinstance(found, IssuedCode):
                issued[found.code] = found
            else:
                words.add(found)
        return Entered(words=frozenset(words), issued=tuple([issued[code] for code in sorted(issued)]), refused=tuple(refused))

    def _asked(self, code: str, *, subject: str, member: str, at: datetime) -> str | IssuedCode | Refusal:
        if not self.desk.allows(subject, at=at):
            return out_of_attempts()
        found = self._word(code, at) if code in self._by_word else self._issued(code, member, at)
        if isinstance(found, Refusal) and self._is_guess(found):
            self.desk.missed(subject, code, at=at)
        return found

    def _word(self, code: str, at: datetime) -> str | Refusal:
        return out_of_time(code, self._by_word[code], at=at) or code

    def _issued(self, code: str, member: str, at: datetime) -> IssuedCode | Refusal:
        found = admit(self.desk.book, code, at=at, member=member)
        if isinstance(found, Refusal):
            return unknown(code) if self._is_a_word(found) else found
        return out_of_time(found.code, (self._by_id[found.batch.promotion],), at=at) or found

    def _is_a_word(self, no: Refusal) -> bool:
        """Whether what was typed cannot have been meant for an issued code: none begins like it, or none is as long where they begin anyhow."""
        if not self.desk.book.batches:
            return True
        if no.code != "coupon_mistyped" or not self._by_word:
            return False
        reason = no.fact("reason")
        return reason == "prefix" or (reason == "length" and not any(it.pattern.prefix for it in self.desk.book.batches))

    def _is_guess(self, no: Refusal) -> bool:
        """Whether somebody learns something by it that is not written on every code."""
        if no.code == "coupon_mistyped":
            return no.fact("reason") == "length" and bool(self._by_word)
        return no.code in {"coupon_unknown", "coupon_not_yours"}


def for_holders(promotions: Iterable[Promotion], book: CodeBook) -> tuple[Promotion, ...]:
    """The promotions, of which those that the book names are now for holders of a code alone."""
    named = book.promotions
    return tuple([evolve(it, when=All((Issued(it.id), it.when))) if it.id in named else it for it in promotions])


def out_of_time(code: str, promotions: Iterable[Promotion], *, at: datetime) -> Refusal | None:
    """Why a code is not good now when it claims these promotions; `None` when one of them is in force."""
    live = [it for it in promotions if it.state is PromotionState.ENABLED]
    if not live:
        return unknown(code)
    if any((it.starts is None or it.starts <= at) and (it.ends is None or at < it.ends) for it in live):
        return None
    coming = [it.starts for it in live if it.starts is not None and at < it.starts]
    if coming:
        starts = min(coming).isoformat()
        return Refusal("coupon_not_started", f"coupon {code} is good from {starts} on", {"coupon": code, "starts": starts})
    ends = max(it.ends for it in live if it.ends is not None).isoformat()
    return Refusal("coupon_expired", f"coupon {code} was good until {ends}", {"coupon": code, "ends": ends})


def _by_word(promotions: Iterable[Promotion]) -> Mapping[str, tuple[Promotion, ...]]:
    found: dict[str, list[Promotion]] = {}
    for promotion in promotions:
        for word in set(_words(promotion.when)):
            found.setdefault(word, []).append(promotion)
    return {word: tuple(some) for word, some in found.items()}


def _words(condition: Any) -> Iterator[str]:
    """The words that a condition asks for, however deep they stand in it."""
    if isinstance(condition, Code):
        yield from condition.codes
    parts = getattr(condition, "of", ())
    for part in parts if isinstance(parts, tuple) else (parts,):
        yield from _words(part)
