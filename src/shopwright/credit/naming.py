"""The ids of accounts of store credit: one for each member and currency.

    credit_account_id("store_credit", "EUR", "ann")      "store_credit/EUR/ann"

Rules
- an id is no longer than a store keeps: a long member id is shortened, and different ones stay different.
"""

from __future__ import annotations

from hashlib import sha256

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue

_MOST_OF_A_MEMBER = 150


def credit_account_id(program: str, currency: str, member_id: str) -> str:
    """The id of a member's account. Raises `InvalidValue` for what is no member id."""
    if problem := text_problem(member_id, least=1, most=100_000):
        raise InvalidValue(f"the member of a credit account {problem}")
    return f"{program}/{currency}/{holder_of(member_id)}"


def holder_of(member_id: str) -> str:
    """A member id as it stands in an account and in its id."""
    return member_id if len(member_id) <= _MOST_OF_A_MEMBER else f"{member_id[:80]}~{sha256(member_id.encode()).hexdigest()}"
