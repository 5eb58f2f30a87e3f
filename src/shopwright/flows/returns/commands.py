"""Commands about cases: what customers ask of goods that they are not content with, and what the shop does about it, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- a customer applies, answers, withdraws and sends goods; all else is for staff and the shop itself;
- a customer who names somebody else's case gets `case_not_found`.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.edges import identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, OrderCommand, counted_lines, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.orders.terms import SERIES
from shopwright.returns.labeling import LabelWanted
from shopwright.returns.words import Evidence, Finding, Granted, Outcome, Wish

_NOTE = text(most=1_000)


_counted = counted_lines("a line of the case and how many units")


def _shown(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for pairs of a line of the case and what is shown of it."""
    members(tuple)(instance, attribute, value)
    for pair in value:
        if len(pair) != 2:
            raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be pairs of a line of the case and evidence, got {pair!r}")
        whole(least=1)(instance, attribute, pair[0])
        of(Evidence)(instance, attribute, pair[1])


@frozen(kw_only=True)
class ApplyForReturn(OrderCommand):
    """A customer is not content with units of an order; `note` says more about it."""

    wishes: tuple[Wish, ...] = field(validator=members(Wish, least=1))
    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)


@frozen(kw_only=True)
class CaseCommand(Command):
    """What all commands about one case have."""

    case_id: str = field(validator=text(least=1, most=200))


@frozen(kw_only=True)
class KeepersCaseCommand(CaseCommand):
    """What only staff and the shop itself may ask of a case. Raises `InvalidValue` for a customer, who would judge what they ask for."""

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class AskForMore(KeepersCaseCommand):
    """Ask the customer for more; `note` says what."""

    note: str = field(validator=text(least=1, most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class AnswerCase(CaseCommand):
    """Give what was asked for: a note, or `evidence`, pairs of the line of the case and what is shown of it."""

    evidence: tuple[tuple[int, Evidence], ...] = field(default=(), validator=_shown)
    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)


@frozen(kw_only=True)
class ApproveCase(KeepersCaseCommand):
    """Grant something for each line of a case; without `granted` what was wished."""

    granted: tuple[Granted, ...] = field(default=(), validator=members(Granted))


@frozen(kw_only=True)
class RejectCase(KeepersCaseCommand):
    """Grant nothing. `why` is a code that the customer is told, `note` is for the shop alone."""

    why: str = field(validator=text(least=1, most=60), metadata=FREE_TEXT)
    note: str = field(default="", validator=_NOTE, metadata=FREE_TEXT)


@frozen(kw_only=True)
class WithdrawCase(CaseCommand):
    """The customer does not want it any more."""


@frozen(kw_only=True)
class BookReturnLabel(KeepersCaseCommand):
    """Have a carrier bring the goods of a case from the buyer's address to a place of the shop."""

    wanted: LabelWanted = field(validator=of(LabelWanted))


@frozen(kw_only=True)
class VoidReturnLabel(KeepersCaseCommand):
    """Nothing will be sent with the label of a case; another one can be booked."""


@frozen(kw_only=True)
class TrackReturn(CaseCommand):
    """Ask the carrier where the goods of a case are."""


@frozen(kw_only=True)
class SendReturn(CaseCommand):
    """The goods are on their way back, with this carrier and number where these are known."""

    carrier: str = field(default="", validator=text(most=60))
    tracking_number: str = field(default="", validator=text(most=100))


@frozen(kw_only=True)
class ReceiveReturn(KeepersCaseCommand):
    """Goods have come: pairs of the line of the case and how many units; without `units` all that are awaited."""

    units: tuple[tuple[int, int], ...] = field(default=(), validator=_counted)


@frozen(kw_only=True)
class MissReturn(KeepersCaseCommand):
    """What has not come by now will not come."""


@frozen(kw_only=True)
class InspectReturn(KeepersCaseCommand):
    """How the goods that came were found; without `findings` all as they were sold, and for sale again."""

    findings: tuple[Finding, ...] = field(default=(), validator=members(Finding))


@frozen(kw_only=True)
class ResolveCase(KeepersCaseCommand):
    """Do what is due, or what `outcomes` say for each unit. `series` is that of its credit note."""

    outcomes: tuple[Outcome, ...] = field(default=(), validator=members(Outcome))
    series: str = field(default=SERIES, validator=identifier(most=40))


@frozen(kw_only=True)
class EndQuarantine(KeepersCaseCommand):
    """Decide about units that were kept aside, without `units` about all: for sale again (`restocked`), or written off."""

    units: tuple[tuple[int, int], ...] = field(default=(), validator=_counted)
    restocked: bool = field(validator=of(bool))
