"""The magic words: how a `source_token` tells the fake provider to behave, in every phase of a payment.

A token is `tok_` and one or more words joined by `+`. A word alone is about the start of the payment; `capture_`, `void_`,
`refund_`, `split_` or `query_` before it make it about that phase.

    tok_ok                              yes
    tok_declined, tok_<reason>          no; the reason is one of `DeclineReason`, such as tok_insufficient_funds
    tok_redirect, tok_qr, tok_sdk       the buyer has to act first; `FakeProvider.approve` or `.decline` is the buyer
    tok_slow                            in progress; the second query, `approve` or `advance` ends it
    tok_review                          yes, with a doubt: a review is opened
    tok_chargeback                      yes; `advance` brings the chargeback
    tok_lost_applied                    the first answer is lost, the provider has done it
    tok_lost_not_applied                the first request is lost with its answer, the provider never saw it
    tok_not_sent                        the first request provably never left
    tok_throttled                       the first request is turned away for two seconds

    tok_capture_declined                the authorization works, its capture is declined
    tok_refund_slow                     refunds are in progress; the second `query_refund`, `settle_refund` or `advance` ends it
    tok_refund_fails_late               refunds are done, then come back with `advance` or `fail_refund`
    tok_redirect+insufficient_funds     the buyer comes back from the page, and then the bank says no
    tok_ok+capture_lost_applied+refund_not_sent    and so on

Troubles (lost, not sent, throttled) strike the first request under a key and let every repeat through.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from attrs import evolve, frozen

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import InvalidRequest
from shopwright.payments.outcomes import Advice, DeclineReason


class Phase(StrEnum):
    """What a word of a token is about."""

    START = "start"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    SPLIT = "split"
    QUERY = "query"
    DISPUTE = "dispute"


ACTIONS = frozenset({"redirect", "qr", "sdk"})

ADVICE = {
    DeclineReason.GENERIC: Advice.TRY_OTHER_METHOD,
    DeclineReason.INSUFFICIENT_FUNDS: Advice.TRY_OTHER_METHOD,
    DeclineReason.EXPIRED_CARD: Advice.TRY_OTHER_METHOD,
    DeclineReason.INCORRECT_CVC: Advice.ASK_BUYER,
    DeclineReason.INCORRECT_NUMBER: Advice.ASK_BUYER,
    DeclineReason.AVS_MISMATCH: Advice.ASK_BUYER,
    DeclineReason.AUTHENTICATION_FAILED: Advice.ASK_BUYER,
    DeclineReason.LIMIT_EXCEEDED: Advice.CONTACT_ISSUER,
    DeclineReason.LOST_OR_STOLEN: Advice.DO_NOT_RETRY,
    DeclineReason.FRAUD_SUSPECTED: Advice.DO_NOT_RETRY,
    DeclineReason.BUYER_CANCELED: Advice.ASK_BUYER,
    DeclineReason.EXPIRED: Advice.ASK_BUYER,
    DeclineReason.METHOD_UNAVAILABLE: Advice.TRY_OTHER_METHOD,
    DeclineReason.PROCESSING_ERROR: Advice.RETRY_LATER,
}
"""What the fake provider advises after each decline."""


@frozen(kw_only=True)
class Conduct:
    """How the provider behaves in one phase; the plain one says yes. `token` is what it was read from, for the payment to remember."""

    trouble: Trouble | None = None
    action: str = ""
    slow: bool = False
    decline: DeclineReason | None = None
    review: bool = False
    chargeback: bool = False
    fails_late: bool = False
    token: str = "tok_ok"  # noqa: S105  # a magic word, no secret


PLAIN = Conduct()

# Which words mean something in which phase; troubles do everywhere.
_WORDS = {
    Phase.START: ACTIONS | {"ok", "declined", "slow", "review", "chargeback", *DeclineReason},
    Phase.CAPTURE: frozenset({"ok", "declined", *DeclineReason}),
    Phase.VOID: frozenset({"ok", "declined"}),
    Phase.REFUND: frozenset({"ok", "declined", "slow", "fails_late", *DeclineReason}),
    Phase.SPLIT: frozenset({"ok", "declined"}),
    Phase.QUERY: frozenset({"ok"}),
    Phase.DISPUTE: frozenset({"ok"}),
}


@lru_cache(maxsize=1_024)
def conduct(token: str, phase: Phase) -> Conduct:
    """What this token says about this phase; raises `InvalidRequest` for a word that nobody knows."""
    if not token.startswith("tok_"):
        raise InvalidRequest("the fake gateway takes tokens such as tok_ok or tok_declined; what was given is none, and is not shown")
    found = Conduct(token=token)
    for part in token.removeprefix("tok_").split("+"):
        about, word = _about(part)
        if about is phase:
            found = with_word(found, phase, word)
        else:
            with_word(PLAIN, about, word)
    return found


def with_word(conduct: Conduct, phase: Phase, word: str) -> Conduct:
    """The conduct with one more word; raises `InvalidRequest` when it means nothing in this phase."""
    if word in set(Trouble):
        return evolve(conduct, trouble=Trouble(word))
    if word not in _WORDS[phase]:
        known = ", ".join(sorted({*map(str, _WORDS[phase]), *map(str, Trouble)}))
        raise InvalidRequest(f"{word!r} means nothing to the fake gateway in a {phase}; it knows: {known}")
    if word in ACTIONS:
        return evolve(conduct, action=word)
    match word:
        case "ok":
            return conduct
        case "slow":
            return evolve(conduct, slow=True)
        case "review":
            return evolve(conduct, review=True)
        case "chargeback":
            return evolve(conduct, chargeback=True)
        case "fails_late":
            return evolve(conduct, fails_late=True)
        case _:
            return evolve(conduct, decline=DeclineReason.GENERIC if word == "declined" else DeclineReason(word))


def _about(part: str) -> tuple[Phase, str]:
    for phase in Phase:
        if part.startswith(f"{phase}_"):
            return phase, part.removeprefix(f"{phase}_")
    return Phase.START, part
