"""What an edit leaves in the history of an order: that somebody edited it, and what that changed."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text
from shopwright.members.actors import Actor
from shopwright.members.addresses import Address
from shopwright.members.sealing import Sealed
from shopwright.orders.lines import OrderLine
from shopwright.orders.sourcing import Sourcing
from shopwright.pricing.trace import TraceStep


@frozen(kw_only=True)
class OrderEdited:
    """Somebody changes the order; the events behind it tell what. With a vault the note is sealed."""

    by: Actor
    at: datetime = field(validator=aware)
    note: str = field(default="", validator=text(most=1_000))
    sealed_note: Sealed | None = field(default=None, validator=maybe(of(Sealed)), repr=False)


@frozen(kw_only=True)
class AddressChanged:
    """It goes somewhere else."""

    ship_to: Address
    by: Actor
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class LinesAdded:
    """More is sold with it: lines with numbers of their own, priced by themselves as `trace` tells; `items` are all that it claims from now on.

    `sourced` says which places ship them, in a shop with places.
    """

    lines: tuple[OrderLine, ...]
    items: tuple[tuple[str, int], ...]
    trace: tuple[TraceStep, ...]
    by: Actor
    at: datetime = field(validator=aware)
    sourced: Sourcing | None = None


@frozen(kw_only=True)
class LinesRepriced:
    """Its lines cost something else, because of another coupon or another way of shipping; `trace` tells how, and `items` are all that it claims."""

    lines: tuple[OrderLine, ...]
    items: tuple[tuple[str, int], ...]
    trace: tuple[TraceStep, ...]
    coupon_code: str
    coupon_version: int
    shipping_method: str
    by: Actor
    at: datetime = field(validator=aware)


EditEvent = OrderEdited | AddressChanged | LinesAdded | LinesRepriced
