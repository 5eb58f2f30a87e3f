"""One-time codes: a few digits, sent to a contact, that show for a short time and a single purpose that somebody reads it.

Rules
- CODE-1: a code is for one purpose, one member and one contact, lives for minutes, and is used once;
- CODE-2: an attempt is counted and stored before the code is looked at, so that no more than so many guesses are ever compared, whoever races;
- CODE-3: codes are sent to a contact with pauses, and so many within a span, for all members that name it together;
- CODE-4: the code itself is kept nowhere, nor a hash that could be tried out: it is made again from a number used once and a key of the vault's;
- a new code ends the one before it; whoever asks again has as many attempts as before, at the new one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from attrs import evolve, field, frozen

from shopwright.edges import aware, maybe, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.refusals import Refusal


class CodePurpose(StrEnum):
    """What a code is good for: to make a contact the member's, or to show again that it still is (before a login, or a change that matters)."""

    VERIFY = "verify"
    PROVE = "prove"


def _span(instance: object, attribute: object, value: object) -> None:
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= timedelta(days=30):
        name = getattr(attribute, "name", "")
        raise InvalidValue(f"{type(instance).__name__}.{name} must be a timedelta of up to 30 days, got {value!r}")


@frozen(kw_only=True)
class CodeRules:
    """How long codes are and live, how often one may be guessed at, and how often they are sent to one contact."""

    digits: int = field(default=6, validator=whole(least=4, most=12))
    lives: timedelta = field(default=timedelta(minutes=10), validator=_span)
    attempts: int = field(default=5, validator=whole(least=1, most=100))
    pause: timedelta = field(default=timedelta(minutes=1), validator=_span)
    sends: int = field(default=5, validator=whole(least=1, most=100))
    within: timedelta = field(default=timedelta(hours=1), validator=_span)


@frozen(kw_only=True)
class OneTimeCode:
    """A code that was sent: everything but the code. `nonce` is the chance it is made from and
    `master` the key of the vault, `serial` counts the codes of one purpose and contact.
    """

    purpose: CodePurpose = field(validator=of(CodePurpose))
    member_id: str = field(validator=text(least=1))
    contact: str = field(validator=text(least=1, most=60))
    lookup: str = field(validator=text(least=1), repr=False)
    master: str = field(validator=text(least=1), repr=False)
    nonce: str = field(validator=text(least=16), repr=False)
    serial: int = field(validator=whole(least=1))
    sent_at: datetime = field(validator=aware)
    expires_at: datetime = field(validator=aware)
    attempts: int = field(default=0, validator=whole(least=0))
    used_at: datetime | None = field(default=None, validator=maybe(aware))

    @property
    def told(self) -> str:
        """What the digits are made from, together with the key of the vault."""
        return f"{self.purpose.value}/{self.member_id}/{self.contact}/{self.lookup}/{self.serial}/{self.nonce}"


@frozen(kw_only=True)
class SentCodes:
    """When codes were sent to a contact lately, whoever asked for them; its id is the one of the contact's claim."""

    times: tuple[datetime, ...] = ()


def code_id(purpose: CodePurpose, member_id: str, contact: str) -> str:
    """The id of the document of a code."""
    return sha256(f"{purpose.value}/{contact}/{member_id}".encode()).hexdigest()


def sent(before: SentCodes, rules: CodeRules, *, at: datetime) -> SentCodes | Refusal:
    """Count one more code to a contact. Refused with `code_too_soon` and `code_sends` (fact of both: `again_at`)."""
    lately = tuple(time for time in before.times if time > at - max(rules.within, rules.pause))
    if lately and at < lately[-1] + rules.pause:
        again = (lately[-1] + rules.pause).isoformat()
        return Refusal("code_too_soon", f"a code was sent just now; the next one can be sent at {again}", {"again_at": again})
    within = [time for time in lately if time > at - rules.within]
    if len(within) >= rules.sends:
        again = (within[-rules.sends] + rules.within).isoformat()
        return Refusal("code_sends", f"{rules.sends} codes were sent; the next one can be sent at {again}", {"again_at": again})
    return SentCodes(times=(*lately, at))


def attempt(code: OneTimeCode | None, rules: CodeRules, *, at: datetime) -> OneTimeCode | Refusal:
    """Count one attempt (CODE-2). Refused with `code_unknown` (none was sent), `code_used`, `code_expired` and `code_attempts`."""
    if code is None:
        return unknown_code()
    if no := gone(code, at=at):
        return no
    if code.attempts >= rules.attempts:
        return Refusal("code_attempts", f"a code can be tried {rules.attempts} times; ask for a new one", {"attempts": rules.attempts})
    return evolve(code, attempts=code.attempts + 1)


def unknown_code() -> Refusal:
    """The refusal where no code was sent."""
    return Refusal("code_unknown", "no code was sent for this; ask for one")


def gone(code: OneTimeCode, *, at: datetime) -> Refusal | None:
    """The refusal for a code that is good for nothing any more, whatever is typed: `code_used` or `code_expired`."""
    if code.used_at is not None:
        return Refusal("code_used", "this code was used; ask for a new one")
    if at >= code.expires_at:
        return Refusal("code_expired", "this code has expired; ask for a new one", {"expired_at": code.expires_at.isoformat()})
    return None


def wrong(code: OneTimeCode, rules: CodeRules) -> Refusal:
    """The refusal for another code than the one that was sent."""
    left = max(0, rules.attempts - code.attempts)
    return Refusal("code_wrong", f"this is not the code that was sent; {left} attempts are left", {"left": left})


def digits(keyed: str, rules: CodeRules) -> str:
    """The digits of a code, from what only the vault could have hashed: 256 bits of it, so that each is as likely as any other."""
    number = int.from_bytes(sha256(keyed.encode()).digest())
    return f"{number % 10**rules.digits:0{rules.digits}d}"


@frozen(kw_only=True)
class CodeSent:
    """A code is on its way: to which contact of the member, what it is good for, and until when."""

    member_id: str
    contact: str
    purpose: CodePurpose
    expires_at: datetime
