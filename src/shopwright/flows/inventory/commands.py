"""Commands about stock: what somebody asks a warehouse to do, as values.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- `place` is one of `Places`, and `""` in a shop with one;
- goods that are kept in lots come and are counted as `lots`, all others as `units`;
- `source` names the delivery, the order or the supplier that it is about, and is kept with the movement, as `reason` is;
- only staff and the shop itself move goods.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.catalog.products import MAX_SKU
from shopwright.edges import MOST, identifier, maybe, members, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.inventory.keys import MAX_PLACE
from shopwright.inventory.place_stock import MAX_ASIDE
from shopwright.inventory.stock_lots import StockLot, StockLots
from shopwright.inventory.transfers import TransferLine, require_lines

_PLACE = text(most=MAX_PLACE)
_UNITS = whole(least=1, most=MOST)
_SOME = whole(least=0, most=MOST)


@frozen(kw_only=True)
class WarehouseCommand(Command):
    """What all commands of a warehouse have. Raises `InvalidValue` for a customer."""

    reason: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class StockCommand(WarehouseCommand):
    """What all commands about one sku at one place have."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    place: str = field(default="", validator=_PLACE)


@frozen(kw_only=True)
class IncomingCommand(StockCommand):
    """What commands have by which goods come in. Raises `InvalidValue` unless it has either units or lots."""

    units: int = field(default=0, validator=_SOME)
    lots: StockLots = field(default=(), validator=members(StockLot))
    cost: int = field(default=0, validator=_SOME)
    source: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if bool(self.units) == bool(self.lots):
            raise InvalidValue(f"{type(self).__name__} must have either units or lots, got {self.units} units and {len(self.lots)} lots")


@frozen(kw_only=True)
class ReceiveGoods(IncomingCommand):
    """Goods have arrived; `cost` is what all of them cost together, in minor units."""


@frozen(kw_only=True)
class TakeBackGoods(IncomingCommand):
    """Goods that were sold came back, fit to be sold again, whichever place they left; an order that gave its stock back is not told so twice."""


@frozen(kw_only=True)
class FindGoods(IncomingCommand):
    """Units were found that nobody knew of; `reason` says how."""


@frozen(kw_only=True)
class WriteOffGoods(StockCommand):
    """Units were never there, of one lot or of what leaves first."""

    units: int = field(validator=_UNITS)
    lot_id: str = field(default="", validator=text())


@frozen(kw_only=True)
class DamageGoods(StockCommand):
    """Units are broken, lost or stolen, of one lot or of what leaves first. What was promised of them is missing then."""

    units: int = field(validator=_UNITS)
    lot_id: str = field(default="", validator=text())


@frozen(kw_only=True)
class CountGoods(StockCommand):
    """What somebody counted: all that is there, but what is sold or set aside. Nothing at all is a count too."""

    units: int = field(default=0, validator=_SOME)
    lots: StockLots = field(default=(), validator=members(StockLot))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.units and self.lots:
            raise InvalidValue(f"CountGoods must have either units or lots, got {self.units} units and {len(self.lots)} lots")


@frozen(kw_only=True)
class SetAsideGoods(StockCommand):
    """Units are not for sale until somebody has looked at them, of one lot or of what leaves first. The stock knows them by `aside_id`."""

    aside_id: str = field(validator=identifier(most=MAX_ASIDE))
    units: int = field(validator=_UNITS)
    lot_id: str = field(default="", validator=text())


@frozen(kw_only=True)
class EndAside(StockCommand):
    """Somebody has looked at what was set aside: `broken` units of it are, and the rest is for sale again."""

    aside_id: str = field(validator=identifier(most=MAX_ASIDE))
    broken: int = field(default=0, validator=_SOME)


@frozen(kw_only=True)
class KeepStock(StockCommand):
    """How many units are kept for safety at a place, and below how many it is told; `None` as the shop says for the sku."""

    safety: int | None = field(default=None, validator=maybe(_SOME))
    low: int | None = field(default=None, validator=maybe(_SOME))


@frozen(kw_only=True)
class NameUnits(StockCommand):
    """These units were packed for an order. Raises `InvalidValue` for no serial number, and for one that is named twice."""

    order_id: str = field(validator=text(least=1))
    serials: tuple[str, ...] = field(validator=texts(least=1))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.serials or len(set(self.serials)) < len(self.serials):
            raise InvalidValue(f"NameUnits.serials must name at least one unit, and each once, got {len(self.serials)} serial numbers")


@frozen(kw_only=True)
class SendTransfer(WarehouseCommand):
    """Goods leave for another place; `transfer_id` is the host's and unique in the shop. Raises `InvalidValue` for one place as both."""

    transfer_id: str = field(validator=identifier(most=60))
    from_place: str = field(default="", validator=_PLACE)
    to_place: str = field(default="", validator=_PLACE)
    lines: tuple[TransferLine, ...] = field(validator=members(TransferLine, least=1))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.from_place == self.to_place:
            raise InvalidValue(f"SendTransfer.to_place must be another place, got {self.to_place!r} as both")
        require_lines(self.lines)


@frozen(kw_only=True)
class ReceiveTransfer(WarehouseCommand):
    """Goods of a transfer have arrived: all of them, or those of `arrived`; the others are lost."""

    transfer_id: str = field(validator=identifier(most=60))
    arrived: tuple[TransferLine, ...] | None = field(default=None, validator=maybe(members(TransferLine)))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        require_lines(self.arrived or ())
