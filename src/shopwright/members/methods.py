"""The methods of payment of a member: which are kept, which is the usual one, and which are on their way out.

Rules
- SAVED-2: all that charges or describes a method is sealed under the key of its member, so that it is gone once they are erased; an id, the gateway
  and a day are in the open;
- a method that is taken away can be paid with no more from then on; it is `leaving` until its provider has been told;
- the first method is the default, and so is the first that is left when the default is taken away.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, of, text
from shopwright.members.sealing import Sealed

MOST_METHODS = 50
"""How many methods a member can have, with those that are leaving."""


@frozen(kw_only=True)
class SavedMethod:
    """A method that a gateway's provider keeps for a member: token, owner and label sealed as a whole."""

    id: str = field(validator=identifier(most=60))
    gateway: str = field(validator=text(least=1))
    saved_at: datetime = field(validator=aware)
    sealed: Sealed = field(validator=of(Sealed), repr=False)


def method_subject(method: str) -> str:
    """What a method is called in its seal."""
    return f"method/{method}"
