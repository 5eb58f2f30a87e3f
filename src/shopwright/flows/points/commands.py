"""Commands about points: what somebody asks the accounts of a shop to do, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- an account is named by the id that `account_id(member_id)` makes; it needs not to be opened, and one that was merged stands for the one it
  went into;
- a customer who names somebody else's account gets `account_not_found`, and only staff and the shop itself give points or take them back;
- `source` names the order, the check-in or the referral that it is about, and is kept with the entry, as `reason` is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.loyalty.lots import DebitOrder
from shopwright.loyalty.moving import Rate
from shopwright.loyalty.naming import an_account_id, kind_of
from shopwright.loyalty.opening import OpeningLot
from shopwright.loyalty.reversing import Recourse
from shopwright.members.actors import ActorKind

LOT_ID = identifier()
_COUNT = whole(least=1, most=MOST)

MOST_LOTS = 10_000
"""How many lots an import brings along at once."""


def _earned_lines(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for pairs of line number, from 1 up, and points, from 0 up."""
    members(tuple)(instance, attribute, value)
    for pair in value:
        if len(pair) != 2:
            raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be pairs of line number and points, got {pair!r}")
        whole(least=1)(instance, attribute, pair[0])
        whole(least=0)(instance, attribute, pair[1])


@frozen(kw_only=True)
class PointsCommand(Command):
    """What all commands about an account have."""

    account_id: str = field(validator=an_account_id)
    source: str = field(default="", validator=text())
    reason: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class KeepersCommand(PointsCommand):
    """What only staff and the shop itself may ask. Raises `InvalidValue` for a customer, who would give points to themselves."""

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class GrantPoints(KeepersCommand):
    """Credit points as a lot, whose id is the host's and unique in the shop: a natural one, such as `order-7/points`, is granted once whoever asks.

    They can be spent `available_from` a moment, at once without one, or after a word (`ActivatePoints`) where they `wait`. `lines` is what each
    line of an order earned; `desired` is what the rule would have given without its caps. `earned_at` is earlier than now where it is told late.
    """

    lot_id: str = field(validator=LOT_ID)
    points: int = field(validator=_COUNT)
    wait: bool = field(default=False, validator=of(bool))
    available_from: datetime | None = field(default=None, validator=maybe(aware))
    expires_at: datetime | None = field(default=None, validator=maybe(aware))
    earned_at: datetime | None = field(default=None, validator=maybe(aware))
    rank: int = field(default=0, validator=whole())
    lines: tuple[tuple[int, int], ...] = field(default=(), validator=_earned_lines)
    desired: int | None = field(default=None, validator=maybe(whole(least=0)))
    rule: str = field(default="", validator=text())
    rule_version: int = field(default=0, validator=whole(least=0))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.lines and sum(points for _, points in self.lines) != self.points:
            raise InvalidValue(f"GrantPoints.lines must sum to {self.points} points, got {sum(points for _, points in self.lines)}")
        if self.wait and self.available_from is not None:
            raise InvalidValue("points wait for a word, or are available from a moment; got both")


@frozen(kw_only=True)
class ActivatePoints(KeepersCommand):
    """Points that waited for a word can be spent, from now or a later moment; without `expires_at` they expire as was said when they were granted."""

    lot_id: str = field(validator=LOT_ID)
    available_from: datetime | None = field(default=None, validator=maybe(aware))
    expires_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class HoldPoints(PointsCommand):
    """Keep points for somebody until a moment. The id of the hold is the host's, and the account's own."""

    hold_id: str = field(validator=identifier())
    points: int = field(validator=_COUNT)
    until: datetime = field(validator=aware)
    order: DebitOrder = field(default=DebitOrder.EXPIRING_FIRST, validator=of(DebitOrder))


@frozen(kw_only=True)
class ReleasePoints(PointsCommand):
    """Give held points back."""

    hold_id: str = field(validator=identifier())


@frozen(kw_only=True)
class RedeemPoints(PointsCommand):
    """Spend points at once. The id of the redemption is the host's, and unique in the shop."""

    redemption_id: str = field(validator=identifier())
    points: int = field(validator=_COUNT)
    order: DebitOrder = field(default=DebitOrder.EXPIRING_FIRST, validator=of(DebitOrder))


@frozen(kw_only=True)
class ExchangePoints(PointsCommand):
    """Spend points on a prize of the program. The id of the redemption is the host's, and unique in the shop."""

    prize: str = field(validator=identifier(most=60))
    redemption_id: str = field(validator=identifier())


@frozen(kw_only=True)
class RedeemHeldPoints(PointsCommand):
    """Spend held points, all or fewer; the rest is free again."""

    hold_id: str = field(validator=identifier())
    redemption_id: str = field(validator=identifier())
    points: int = field(validator=_COUNT)


@frozen(kw_only=True)
class RestorePoints(KeepersCommand):
    """Give spent points back to the lots they came from; with `reinstate`, those that have lapsed meanwhile can be spent for so long from now."""

    redemption_id: str = field(validator=identifier())
    points: int = field(validator=_COUNT)
    reinstate: timedelta | None = field(default=None, validator=maybe(of(timedelta)))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.reinstate is not None and self.reinstate <= timedelta(0):
            raise InvalidValue(f"RestorePoints.reinstate must be longer than nothing, got {self.reinstate}")


@frozen(kw_only=True)
class ReversePoints(KeepersCommand):
    """Take points of a credit back, because what earned them was undone."""

    lot_id: str = field(validator=LOT_ID)
    points: int = field(validator=_COUNT)
    recourse: Recourse = field(default=Recourse.WITHIN_BALANCE, validator=of(Recourse))


@frozen(kw_only=True)
class ExtendPoints(KeepersCommand):
    """Let a lot expire later, or never (`None`)."""

    lot_id: str = field(validator=LOT_ID)
    expires_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class TransferPoints(PointsCommand):
    """Send points to another account. The id of the transfer is the host's, and unique in the shop; the lots there are called `<transfer_id>/1`
    and so on.

    Points of one kind go one for one, and a customer may send their own; into another kind they are converted at a `rate`, by the shop alone. Raises
    `InvalidValue` for anything else.
    """

    to_account_id: str = field(validator=an_account_id)
    transfer_id: str = field(validator=identifier(most=160))
    points: int = field(validator=_COUNT)
    rate: Rate | None = field(default=None, validator=maybe(of(Rate)))
    order: DebitOrder = field(default=DebitOrder.EXPIRING_FIRST, validator=of(DebitOrder))

    def __attrs_post_init__(self) -> None:
        kinds = kind_of(self.account_id), kind_of(self.to_account_id)
        if self.account_id == self.to_account_id:
            raise InvalidValue(f"TransferPoints.to_account_id must be another account, got {self.to_account_id!r} as both")
        if (kinds[0] == kinds[1]) == (self.rate is not None):
            got = f"{self.rate} for {' and '.join(kinds)}"
            raise InvalidValue(f"TransferPoints.rate must be given between two kinds of points and not within one, got {got}")
        if self.rate is not None and self.by.kind is ActorKind.CUSTOMER:
            raise InvalidValue(f"points are converted by staff and the shop itself, got customer {self.by.id!r} as `by`")


@frozen(kw_only=True)
class MergePoints(Command):
    """Two members are one: put all points of the one into the accounts of the other. Raises `InvalidValue` for a customer, and one member as both."""

    member_id: str = field(validator=text(least=1))
    into_member_id: str = field(validator=text(least=1))
    reason: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)
        if self.member_id == self.into_member_id:
            raise InvalidValue(f"MergePoints.into_member_id must be another member, got {self.member_id!r} as both")


@frozen(kw_only=True)
class ImportPoints(Command):
    """Bring opening balances along; `source` names the system that they come from. At most 10,000 lots at once."""

    source: str = field(validator=text(least=1))
    lots: tuple[OpeningLot, ...] = field(validator=members(OpeningLot))

    def __attrs_post_init__(self) -> None:
        only_keepers(self)
        if not 1 <= len(self.lots) <= MOST_LOTS:
            raise InvalidValue(f"ImportPoints.lots must be 1 to {MOST_LOTS} lots, got {len(self.lots)}; send a large file in parts")
