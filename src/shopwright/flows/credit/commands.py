"""Commands about money that the shop keeps: store credit of members, gift cards, and refunds that stay with the shop, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- amounts are above zero; what is put in is a lot named by the key of its command;
- only staff and the shop itself put money in and take it out; a customer spends it by paying with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, of, text
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, OrderCommand, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.money import Money
from shopwright.payments.card_numbers import no_card_number


def _positive(instance: Any, attribute: Any, value: Any) -> None:
    of(Money)(instance, attribute, value)
    if value.minor <= 0:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be positive, got {value}")


@frozen(kw_only=True)
class KeepersCommand(Command):
    """What only staff and the shop itself may ask. Raises `InvalidValue` for a customer, who would give money to themselves."""

    source: str = field(default="", validator=text())
    reason: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class GrantCredit(KeepersCommand):
    """Give store credit to a member. Without `expires_at` it lapses as the program says."""

    member_id: str = field(validator=text(least=1))
    amount: Money = field(validator=_positive)
    expires_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class TakeOutCredit(KeepersCommand):
    """Take money out of an account that should not be there, of store credit or of a card."""

    account_id: str = field(validator=identifier())
    amount: Money = field(validator=_positive)


@frozen(kw_only=True)
class IssueCard(KeepersCommand):
    """Make a gift card. Its code is made from `serial`, which no other card may have.

    A card that shall `wait` has no money in it until it is activated, such as one that hangs in a shop. `sold` says that somebody pays for it;
    otherwise it is a present.
    """

    serial: str = field(validator=identifier(most=120))
    amount: Money = field(validator=_positive)
    wait: bool = field(default=False, validator=of(bool))
    sold: bool = field(default=False, validator=of(bool))
    expires_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class ActivateCard(KeepersCommand):
    """A card that waited was sold: from now on it has its money."""

    card_id: str = field(validator=identifier())


@frozen(kw_only=True)
class TopUpCard(KeepersCommand):
    """Put more money on a card; `sold` as for `IssueCard`."""

    card_id: str = field(validator=identifier())
    amount: Money = field(validator=_positive)
    sold: bool = field(default=True, validator=of(bool))


@frozen(kw_only=True)
class VoidCard(KeepersCommand):
    """Let nothing out of a card any more: it was lost, stolen, or its sale was undone."""

    card_id: str = field(validator=identifier())


@frozen(kw_only=True)
class RefundAsCredit(OrderCommand):
    """Give money of a payment back as store credit, since the customer chose that; the payment keeps what was taken."""

    payment_id: str = field(validator=text(least=1))
    amount: Money = field(validator=_positive)
    reference: str = field(default="", validator=no_card_number())
