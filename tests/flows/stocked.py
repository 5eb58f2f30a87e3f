"""Stock at a mall, for the tests of all flows: what commands about it are made of, what crashes, what is wrong, and what must be in the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import CancelOrder, accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.inventory import commands as s
from shopwright.inventory import Costing, Keeping, Movement, Place, Places, StockLot, valued
from shopwright.inventory.sold import SoldGoods
from shopwright.inventory.transfers import StockTransfer, TransferLine
from shopwright.orders.order import Order
from shopwright.ports.storage import Query, Storage
from shopwright.wire.stock_kinds import STOCK
from tests.flows.mall import CLERK, START, Mall, an_order, paid
from tests.flows.stock_world import hold, movements_of, pay, stocks_of

DAY = timedelta(days=1)
PLACES = Places((Place("north"), Place("south")), keeping=Keeping(low=3), skus={"MUG": Keeping(safety=2, low=3)}, in_lots={"MILK", "PHONE"})
STOCKED = {"places": PLACES}
"""What a shop with two places is made of."""

MONDAY, TUESDAY = StockLot("monday", 6, START, expires_at=START + 9 * DAY), StockLot("tuesday", 4, START, expires_at=START + 3 * DAY)
_ABOUT: dict[str, Any] = {"sku": "TEA", "reason": "as it is"}

STOCK_PARTS: dict[type[Command], dict[str, Any]] = {
    s.ReceiveGoods: {**_ABOUT, "units": 5, "cost": 500, "source": "delivery-7"},
    s.TakeBackGoods: {**_ABOUT, "units": 1, "cost": 100, "source": "o1"},
    s.FindGoods: {**_ABOUT, "units": 2},
    s.WriteOffGoods: {**_ABOUT, "units": 2, "lot_id": ""},
    s.DamageGoods: {**_ABOUT, "units": 3, "lot_id": ""},
    s.CountGoods: {**_ABOUT, "units": 7},
    s.SetAsideGoods: {**_ABOUT, "aside_id": "recall", "units": 2},
    s.EndAside: {**_ABOUT, "aside_id": "recall", "broken": 1},
    s.KeepStock: {**_ABOUT, "safety": 2, "low": 4},
    s.NameUnits: {**_ABOUT, "order_id": "o1", "serials": ("p1", "p3")},
    s.SendTransfer: {"transfer_id": "t1", "from_place": "closed", "to_place": "", "lines": (TransferLine("TEA", 4),)},
    s.ReceiveTransfer: {"transfer_id": "t1", "arrived": (TransferLine("TEA", 3),)},
}
"""What a good command of each kind has in a shop with one place, beside its key and who asks."""

VERBS: dict[type[Command], str] = {
    s.ReceiveGoods: "receive",
    s.TakeBackGoods: "take_back",
    s.FindGoods: "find_goods",
    s.WriteOffGoods: "write_off",
    s.DamageGoods: "damage",
    s.CountGoods: "count",
    s.SetAsideGoods: "set_aside",
    s.EndAside: "end_aside",
    s.KeepStock: "keep",
    s.NameUnits: "name_units",
    s.SendTransfer: "send",
    s.ReceiveTransfer: "arrive",
}


def send(mall: Mall, kind: type[Command], key: str, **facts: Any) -> Any:
    """A good command of this kind, but for these facts, at the desk of the warehouse."""
    return getattr(mall.shop.stock, VERBS[kind])(kind(**{"key": key, "by": CLERK, **STOCK_PARTS[kind], **facts}))


def _at_north(kind: type[Command], key: str = "deed", **facts: Any) -> Callable[..., Any]:
    place = {} if kind in {s.SendTransfer, s.ReceiveTransfer} else {"place": "north"}
    return lambda mall, *_: send(mall, kind, key, **{**place, **facts})


def _mugs(mall: Mall) -> None:
    accepted(_at_north(s.ReceiveGoods, "mugs", sku="MUG", units=8, cost=801)(mall))


def milk(mall: Mall) -> None:
    """Ten bottles in the north, in two lots."""
    accepted(_at_north(s.ReceiveGoods, "milk", sku="MILK", units=0, lots=(MONDAY, TUESDAY), cost=1_001)(mall))


def _aside(mall: Mall) -> None:
    milk(mall)
    accepted(_at_north(s.SetAsideGoods, "aside", sku="MILK", units=3)(mall))


_NORTH_TO_SOUTH: dict[str, Any] = {"from_place": "north", "to_place": "south", "lines": (TransferLine("MILK", 6), TransferLine("MUG", 2))}


def _sent(mall: Mall) -> None:
    milk(mall)
    _mugs(mall)
    accepted(_at_north(s.SendTransfer, "sent", **_NORTH_TO_SOUTH)(mall))


def _expired(mall: Mall) -> None:
    _sent(mall)
    mall.clock.advance(4 * DAY)


def _sold(mall: Mall) -> None:
    """One order is paid, one waits, and one was paid and is called off."""
    paid(mall.shop)
    accepted(mall.shop.orders.place(an_order(key="o2")))
    gone = paid(mall.shop, an_order(key="o3"))
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=CLERK, order_id=gone.id)))


def phones(mall: Mall) -> None:
    """Four phones in the north, of which an order took two."""
    lot = StockLot("phones", 4, START, serials=("p1", "p2", "p3", "p4"))
    accepted(_at_north(s.ReceiveGoods, "phones", sku="PHONE", units=0, lots=(lot,), cost=400)(mall))
    assert hold(mall.storage, "o1", (("stock@north/PHONE", 2),), until=START + DAY, at=START) is None
    assert pay(mall.storage, "o1", at=START) is None


STOCK_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("receive goods", flows.receive_goods, lambda mall: None, _at_north(s.ReceiveGoods, sku="MUG")),
    ("receive lots", flows.receive_goods, milk, _at_north(s.ReceiveGoods, sku="MILK", units=0, lots=(StockLot("new", 3, START),))),
    ("take goods back", flows.take_back_goods, _mugs, _at_north(s.TakeBackGoods, sku="MUG")),
    ("find goods", flows.find_goods, _mugs, _at_north(s.FindGoods, sku="MUG")),
    ("write goods off", flows.write_off_goods, _mugs, _at_north(s.WriteOffGoods, sku="MUG")),
    ("damage goods", flows.damage_goods, milk, _at_north(s.DamageGoods, sku="MILK", units=5)),
    ("damage what is kept for safety", flows.damage_goods, _mugs, _at_north(s.DamageGoods, sku="MUG", units=7)),
    ("count goods", flows.count_goods, milk, _at_north(s.CountGoods, sku="MILK", units=0, lots=(evolve(MONDAY, units=4), TUESDAY))),
    ("set goods aside", flows.set_aside_goods, milk, _at_north(s.SetAsideGoods, sku="MILK")),
    ("end what is aside", flows.end_aside, _aside, _at_north(s.EndAside, sku="MILK")),
    ("keep stock", flows.keep_stock, _mugs, _at_north(s.KeepStock, sku="MUG", safety=5)),
    ("send a transfer", flows.send_transfer, lambda mall: (milk(mall), _mugs(mall)), _at_north(s.SendTransfer, **_NORTH_TO_SOUTH)),
    (
        "receive a transfer",
        flows.receive_transfer,
        _sent,
        _at_north(s.ReceiveTransfer, arrived=(TransferLine("MILK", 5), TransferLine("MUG", 2))),
    ),
    ("name units", flows.name_packed_units, phones, _at_north(s.NameUnits, sku="PHONE")),
    ("sweep stock", flows.sweep_stock, _expired, lambda mall, _: mall.shop.stock.sweep()),
)
"""For every flow of stock at two places: what came before, and the deed that crashes and is sent again."""

FOLLOWED: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("follow stock", flows.follow_stock, _sold, lambda mall, _: mall.shop.stock.follow()),
    ("follow stock after a while", flows.follow_stock, lambda mall: (_sold(mall), mall.shop.stock.follow()), lambda mall, _: _more(mall)),
)
"""As `STOCK_DEEDS`, in a shop with one place."""


def _more(mall: Mall) -> int:
    """A further order, and the follower."""
    paid(mall.shop, an_order(key="more"))
    return mall.shop.stock.follow()


def stock_of(mall: Mall) -> dict[str, Any]:
    """All that is kept of stock, held against its movements, without the names that chance gave to orders."""
    stocks = stocks_of(mall.storage)
    for key, stock in stocks.items():
        moved = movements_of(mall.storage, key)
        assert sum(it.change for it in moved) == stock.on_hand
        assert valued(moved, Costing.FIFO) == stock.worth
    orders = {order.id for order in _orders(mall.storage)}
    told = [it.value for it in mall.storage.read(STOCK, limit=1_000)]
    return {
        "stocks": stocks,
        "told": [evolve(it, source="an order") if isinstance(it, Movement) and it.source in orders else it for it in told],
        "transfers": [stored.value for stored in mall.storage.find(Query(StockTransfer, limit=100)).items],
        "sold": sorted([stored.value.parts for stored in mall.storage.find(Query(SoldGoods, limit=100)).items], key=repr),
    }


def _orders(storage: Storage) -> list[Order]:
    return [stored.value for stored in storage.find(Query(Order, limit=1_000)).items]


def _case(name: str, kind: type[Command], expected: type[Exception] | str, match: str | None = None, **facts: Any) -> tuple[Any, ...]:
    return name, lambda mall: send(mall, kind, "deed", **facts), expected, match


def _incoming(kind: type[Command]) -> list[tuple[Any, ...]]:
    return [
        _case("a customer", kind, InvalidValue, "for staff", by=customer("bob")),
        _case("a place that is not there", kind, InvalidValue, "no place is named 'north'; this shop has one place", place="north"),
        _case("neither units nor lots", kind, InvalidValue, "either units or lots", units=0),
        _case("both units and lots", kind, InvalidValue, "either units or lots", lots=(MONDAY,)),
        _case("lots of what is kept in none", kind, InvalidValue, "TEA is kept in no lots", units=0, lots=(MONDAY,)),
    ]


def _asked(verb: str, *args: Any, **facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: getattr(mall.shop.stock, verb)(*args, **facts)


STOCK_CASES: dict[str, list[tuple[Any, ...]]] = {
    "stock.receive": [
        *_incoming(s.ReceiveGoods),
        _case("more than can be counted", s.ReceiveGoods, InvalidValue, "cannot", units=2**63 - 1),
        _case("below nothing", s.ReceiveGoods, InvalidValue, "units", units=-1),
    ],
    "stock.take_back": _incoming(s.TakeBackGoods),
    "stock.find_goods": _incoming(s.FindGoods),
    "stock.write_off": [
        _case("more than there are", s.WriteOffGoods, "stock_short", units=11),
        _case("none", s.WriteOffGoods, InvalidValue, "units must", units=0),
    ],
    "stock.damage": [
        _case("more than there are", s.DamageGoods, "stock_short", units=11),
        _case("where nothing is", s.DamageGoods, "stock_short", place="north"),
    ],
    "stock.count": [
        _case("both units and lots", s.CountGoods, InvalidValue, "either units or lots", lots=(MONDAY,)),
        _case("at a place that is not there", s.CountGoods, InvalidValue, "no place is named", place="north"),
    ],
    "stock.set_aside": [
        _case("more than there are", s.SetAsideGoods, "stock_short", units=11),
        _case("a long name", s.SetAsideGoods, InvalidValue, "aside_id must", aside_id="x" * 31),
    ],
    "stock.end_aside": [_case("nothing of this name", s.EndAside, "aside_unknown")],
    "stock.keep": [
        _case("below nothing", s.KeepStock, InvalidValue, "safety must", safety=-1),
        _case("at a place that is not there", s.KeepStock, InvalidValue, "no place is named", place="north"),
    ],
    "stock.name_units": [
        _case("of an order that took none", s.NameUnits, "serials_above_sold"),
        _case("none at all", s.NameUnits, InvalidValue, "at least one unit", serials=()),
        _case("one twice", s.NameUnits, InvalidValue, "each once", serials=("p1", "p1")),
    ],
    "stock.send": [
        _case("more than there are", s.SendTransfer, "stock_short"),
        _case("to where it is", s.SendTransfer, InvalidValue, "must be another place", from_place=""),
        _case("to nowhere", s.SendTransfer, InvalidValue, "no place is named", from_place="", to_place="north"),
        _case("a sku twice", s.SendTransfer, InvalidValue, "each sku of a transfer once", lines=(TransferLine("TEA", 1), TransferLine("TEA", 2))),
        _case("nothing", s.SendTransfer, InvalidValue, "lines must", lines=()),
    ],
    "stock.arrive": [_case("none of this name", s.ReceiveTransfer, "transfer_unknown")],
    "stock.transfer": [("none of this name", _asked("transfer", "t1"), "transfer_unknown", None)],
    "stock.standings": [("nothing for a sku", _asked("standings", [""]), InvalidValue, "sku")],
    "stock.find": [("something else", _asked("find", Query(Order)), InvalidValue, "expected a Query")],
    "stock.movements": [("too long a sku", _asked("movements", "x" * 200), InvalidValue, "key of stock")],
    "stock.sold": [("nothing for an order", _asked("sold", ""), InvalidValue, "order id")],
    "stock.value": [("nothing for a sku", _asked("value", skus=[""]), InvalidValue, "sku")],
    "stock.follow": [("no limit", _asked("follow", limit=0), InvalidValue, "limit")],
    "stock.sweep": [
        ("no limit", _asked("sweep", limit=0), InvalidValue, "limit"),
        ("progress to nobody", _asked("sweep", progress="bar"), InvalidValue, "progress"),
    ],
}
"""For every verb of the desk: what is wrong, how it is sent, and the refusal or the exception that it gets."""
