"""The refusals that a store answers with, worded once, so that every adapter says the same no.

Facts are those that `shopwright.ports.quotas` and `Storage.commit` promise.
"""

from __future__ import annotations

from datetime import UTC, datetime

from shopwright.refusals import Refusal


def quota_exhausted(*, key: str, wanted: int, free: int) -> Refusal:
    """Less is free than a take, a reserve or a negative grant wants; `free` counts lapsed holds as free."""
    return Refusal("quota_exhausted", f"only {free} of {key} are free; {wanted} were wanted", {"key": key, "wanted": wanted, "free": free})


def quota_not_taken(*, key: str, wanted: int, used: int) -> Refusal:
    """Less is used than is given back."""
    return Refusal("quota_not_taken", f"only {used} of {key} are used; {wanted} were given back", {"key": key, "wanted": wanted, "used": used})


def hold_exists(*, hold: str) -> Refusal:
    """A hold of this id is there already, live, lapsed or reclaimed."""
    return Refusal("hold_exists", f"there is a hold {hold} already", {"hold": hold})


def hold_lapsed(*, hold: str) -> Refusal:
    """The hold lapsed, and its quantities went to somebody else."""
    return Refusal("hold_lapsed", f"the hold {hold} has lapsed and was reclaimed", {"hold": hold})


def hold_unknown(*, hold: str) -> Refusal:
    """There is no such hold: never made, committed before, released before, or pruned."""
    return Refusal("hold_unknown", f"there is no hold {hold}", {"hold": hold})


def index_taken(*, kind: str, index: str, value: str | int | datetime) -> Refusal:
    """Another document of the kind has this value in a unique index; a time stands in the facts as ISO 8601 text in UTC."""
    fact = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return Refusal("index_taken", f"another {kind} has {index} {fact}", {"kind": kind, "index": index, "value": fact})
