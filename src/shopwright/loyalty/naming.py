"""The ids of points accounts: one for each member and each kind of points.

    account_id("ann")            "points/ann"
    account_id("ann", "miles")   "miles/ann"

Rules
- the kind of points comes first and holds no slash, so that any member id can be told again from the id of an account;
- an id of an account is no longer than a store keeps: a long member id is shortened, and different ones stay different.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue

POINTS = "points"
"""The kind of points of a program that has one."""

MOST = 200
"""The most characters of an id in a store."""

_MOST_OF_A_MEMBER = 159
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


def account_id(member_id: str, points: str = POINTS) -> str:
    """The id of a member's account of a kind of points. Raises `InvalidValue` for what is no member id, or no name of such a kind."""
    if problem := text_problem(member_id, least=1, most=100_000):
        raise InvalidValue(f"the member of a points account {problem}")
    made = f"{points}/{short(member_id)}"
    problem = account_problem(made)
    if problem or kind_of(made) != points:
        raise InvalidValue(f"a points account of {member_id[:60]!r} {problem or f'must have a kind of points without a slash, got {points!r}'}")
    return made


def short(member_id: str) -> str:
    """A member id as it stands in the id of an account."""
    return member_id if len(member_id) <= _MOST_OF_A_MEMBER else f"{member_id[:90]}~{sha256(member_id.encode()).hexdigest()}"


def member_of(account_id: str) -> str:
    """Whose account this is, as `short` gives it; empty for an id that was not made by `account_id`."""
    return account_id.partition("/")[2]


def kind_of(account_id: str) -> str:
    """What kind of points is in this account."""
    return account_id.partition("/")[0]


def account_problem(id: object) -> str:
    """What is wrong with the id of an account, in a few words; empty when nothing is."""
    if problem := text_problem(id, least=1, most=MOST):
        return problem
    assert isinstance(id, str)
    if not _KIND.fullmatch(kind_of(id)) or not member_of(id).strip():
        return f"must be a kind of points (a letter and up to 39 more of a-z, 0-9 and _), a slash and a member id, got {id[:60]!r}"
    return ""


def an_account_id(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for the id of an account."""
    if problem := account_problem(value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} {problem}; make one with account_id(member_id)")
