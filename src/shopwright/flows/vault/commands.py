"""Commands about persons, whoever they are to the shop: members, guests, buyers of one order."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import text
from shopwright.flows.commands import Command


@frozen(kw_only=True)
class ErasePerson(Command):
    """Make all that was sealed of a person unreadable for good. `subject` is the id that they buy under."""

    subject: str = field(validator=text(least=1, most=200))
