"""Commands about exceptions of orders."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import OrderCommand, check_units
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.orders.exception_events import How
from shopwright.orders.lines import Bucket
from shopwright.orders.returning import REOPENED_FROM


class Told(StrEnum):
    """What of that which the customer told can be wrong."""

    ADDRESS = "address"
    NAME = "name"
    PHONE = "phone"
    GOODS = "goods"
    OTHER = "other"


@frozen(kw_only=True)
class ExceptionCommand(OrderCommand):
    """What all commands about one exception have: its number in its order."""

    exception: int = field(validator=whole(least=1))


@frozen(kw_only=True)
class AssignException(ExceptionCommand):
    """Somebody works on it from now on; without an `owner_id` it is everybody's again."""

    owner_id: str = field(default="", validator=text())


@frozen(kw_only=True)
class ResolveException(ExceptionCommand):
    """It is no more: `how` it ended, and what one should know of that."""

    how: How = field(validator=of(How))
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class ReportWrong(OrderCommand):
    """Something that the customer told is wrong or missing; they may report it themselves. The order is held until it is corrected."""

    about: Told = field(default=Told.ADDRESS, validator=of(Told))
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class ReportMissing(OrderCommand):
    """Units of a line are not on the shelf, though they were sold: they are held back, and the others can be shipped."""

    line_no: int = field(validator=whole(least=1))
    units: int = field(validator=whole(least=1))


@frozen(kw_only=True)
class WayOut(OrderCommand):
    """A way out of an exception, or taken for none (0); the exception is resolved with it."""

    exception: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class CancelUnits(WayOut):
    """Call open units of lines off, pairs of line number and quantity; the others stay sold."""

    units: tuple[tuple[int, int], ...] = field(validator=check_units)

    def __attrs_post_init__(self) -> None:
        if not self.units:
            raise InvalidValue("CancelUnits.units must name 1 unit or more")


@frozen(kw_only=True)
class MovePromise(WayOut):
    """Promise it for another time: its goods are waited for."""

    promised_at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ReshipUnits(WayOut):
    """Deliver units once more at no charge, pairs of line number and quantity; `source` is where they are: lost, returned or delivered."""

    units: tuple[tuple[int, int], ...] = field(validator=check_units)
    source: Bucket = field(default=Bucket.LOST, validator=of(Bucket))

    def __attrs_post_init__(self) -> None:
        if not self.units:
            raise InvalidValue("ReshipUnits.units must name 1 unit or more")
        if self.source not in REOPENED_FROM:
            raise InvalidValue(f"ReshipUnits.source must be one of {', '.join(sorted(REOPENED_FROM))}, got {self.source}")
