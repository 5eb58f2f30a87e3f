"""What happens to a case. Its history is these events, in one sequence."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, members, of, text
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed
from shopwright.returns.words import Evidence, Finding, Granted, Outcome, Wish
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import TrackEvent

_NOTE = text(most=1_000)


@frozen(kw_only=True)
class LineTerms:
    """The rule that took a line of a case on, and what it says, frozen: `fee` in basis points of what goes back, and who pays the way back."""

    rule: str
    fee: int = 0
    shop_pays_return: bool = True


@frozen(kw_only=True)
class CaseOpened:
    """A customer is not content: what for, under which terms. With a vault the note is sealed."""

    case_id: str
    number: str
    order_id: str
    buyer_id: str
    currency: str
    wishes: tuple[Wish, ...]
    terms: tuple[LineTerms, ...]
    by: Actor
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=_NOTE)
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class MoreAsked:
    """The customer is asked for more, until `due_at`. With a vault the note is sealed."""

    by: Actor
    due_at: datetime = field(validator=aware)
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=_NOTE)
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class MoreGiven:
    """The customer has answered; `evidence` are pairs of the line of the case and what is shown. With a vault the note is sealed."""

    evidence: tuple[tuple[int, Evidence], ...]
    by: Actor
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=_NOTE)
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class CaseApproved:
    """The shop grants something for each line; `rule` is `rules` where no person did, else `person`. Goods are awaited until `due_at`."""

    granted: tuple[Granted, ...] = field(validator=members(Granted, least=1))
    by: Actor
    rule: str
    due_at: datetime | None
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CaseRejected:
    """The shop grants nothing. `why` is a code that the customer may be told; with a vault the note is sealed."""

    why: str = field(validator=text(least=1, most=60))
    by: Actor
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=_NOTE)
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class GoodsSent:
    """The customer has handed the goods to a carrier."""

    carrier: str = field(default="", validator=text())
    tracking_number: str = field(default="", validator=text())
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class GoodsReceived:
    """Units have come: pairs of the line of the case and how many. More may follow."""

    units: tuple[tuple[int, int], ...]
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class GoodsMissing:
    """What has not come by now will not come."""

    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class GoodsInspected:
    """How the units that came were found, and what becomes of them."""

    findings: tuple[Finding, ...]
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CaseResolved:
    """What was done about each unit; the order has it in the same step."""

    outcomes: tuple[Outcome, ...]
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CaseWithdrawn:
    """The customer does not want it any more."""

    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CaseExpired:
    """The customer did not answer, or the goods did not come, in time."""

    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class QuarantineEnded:
    """Somebody has decided about units that were kept aside, pairs of the line of the case and how many: for sale again, or written off."""

    units: tuple[tuple[int, int], ...]
    restocked: bool
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelAsked:
    """A carrier is about to be asked, under this key, to fetch the goods from the buyer; stored before the call, with all that is needed to ask
    again. `to` is a place of the shop; where the buyer lives stands on the order.
    """

    key: str
    carrier: str
    to: Party
    parcels: tuple[Parcel, ...]
    label_format: str
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelBooked:
    """The carrier will take it: its reference, the tracking numbers, and what it costs the shop in minor units of that currency."""

    key: str
    reference: str
    tracking_numbers: tuple[str, ...]
    cost: int
    currency: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelFailed:
    """The carrier said no; the goods are awaited as before, and another label can be asked for."""

    key: str
    why: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelDropped:
    """Somebody says that nothing will be sent with the label; its carrier is told."""

    key: str
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelVoided:
    """Nothing will come with this label, and the carrier knows."""

    key: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnLabelKept:
    """The carrier would not void the label any more."""

    key: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReturnParcelScanned:
    """Scans of the parcel on its way back that were not known before."""

    scans: tuple[TrackEvent, ...]
    at: datetime = field(validator=aware)


LabelNews = ReturnLabelBooked | ReturnLabelFailed | ReturnLabelDropped | ReturnLabelVoided | ReturnLabelKept | ReturnParcelScanned
"""What is heard of a label that was asked for; it moves the label, in whatever state the case is."""

CaseEvent = (
    CaseOpened
    | MoreAsked
    | MoreGiven
    | CaseApproved
    | CaseRejected
    | GoodsSent
    | GoodsReceived
    | GoodsMissing
    | GoodsInspected
    | CaseResolved
    | CaseWithdrawn
    | CaseExpired
    | QuarantineEnded
    | ReturnLabelAsked
    | ReturnLabelBooked
    | ReturnLabelFailed
    | ReturnLabelDropped
    | ReturnLabelVoided
    | ReturnLabelKept
    | ReturnParcelScanned
)
