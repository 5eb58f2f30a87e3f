"""What goes wrong on the wire, on demand: the four ways in which a request can end without an answer."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from shopwright.payments.errors import Indeterminate, NotSent, Throttled

RETRY_AFTER = timedelta(seconds=2)
"""How long a fake that turns a request away asks to wait."""


class Trouble(StrEnum):
    """What happens to a request, or to its answer."""

    LOST_APPLIED = "lost_applied"
    """The provider has done it; the answer is lost."""
    LOST_NOT_APPLIED = "lost_not_applied"
    """The connection broke before the provider saw the request; the shop cannot know that."""
    NOT_SENT = "not_sent"
    """The request provably never left."""
    THROTTLED = "throttled"
    """The provider turns the request away unprocessed."""


def before(trouble: Trouble | None) -> None:
    """Raise what keeps a request from being processed, if anything does."""
    if trouble is Trouble.NOT_SENT:
        raise NotSent("the connection was refused", raw_code="refused")
    if trouble is Trouble.THROTTLED:
        raise Throttled("too many requests", retry_after=RETRY_AFTER, raw_code="429")
    if trouble is Trouble.LOST_NOT_APPLIED:
        raise Indeterminate("the connection was reset", raw_code="reset")


def after(trouble: Trouble | None) -> None:
    """Raise what keeps an answer from coming back, if anything does."""
    if trouble is Trouble.LOST_APPLIED:
        raise Indeterminate("the connection was lost while waiting for the answer", raw_code="timeout")
