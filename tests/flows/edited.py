"""Edits at a shop: the commands, what is wrong with some of them, and where a crash may happen."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from attrs import evolve

from shopwright import CancelOrder, FlatShipping, Order, Product, PutProduct, ReceiveStock, Tender, Terms, Via, accepted, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import SendBackOrder
from shopwright.flows.editing.commands import EditOrder
from shopwright.members.addresses import Address
from shopwright.money import Money
from shopwright.orders.edit_changes import AddLine, Change, ChangeAddress, ChangeCoupon, ChangeQuantity, ChangeShipping
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, REVIEWED, Mall, an_order, paid, placed
from tests.flows.placed import bought, come, two_places
from tests.flows.scenario import Scenario

GRAZ = Address("Ann Lee", ("2 Hill Road",), "Graz", country="AT")
LESS = ChangeQuantity(line_no=1, quantity=1)
MORE = (ChangeQuantity(line_no=1, quantity=3), AddLine("CUP", 2))
"""One tea more and two cups: 60.00 more."""


LYON_HOME = Address("Ann Lee", ("3 Rue Neuve",), "Lyon", country="FR")
FAR_WAYS = {"places": two_places()}
NO_TERMS = Terms()


def edit(order: Order, *changes: Change, key: str = "edit", **facts: Any) -> EditOrder:
    """The command of an edit by a clerk."""
    return EditOrder(**{"key": key, "by": CLERK, "order_id": order.id, "changes": changes, **facts})


def card(amount: int) -> Tender:
    """A tender for what an edit comes to."""
    return Tender(method="card", amount=amount, gateway="fake", source="tok_ok")


def _placed(mall: Mall) -> None:
    placed(mall.shop)


def _bad(verb: str, name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        (order,) = mall.orders()
        return getattr(mall.shop.orders, verb)(evolve(edit(order, LESS), **facts))

    return Bad(name, act, expected, match, before=_placed)


def _canceled(mall: Mall) -> None:
    order = placed(mall.shop)
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=CLERK, order_id=order.id)))


def _too_late(verb: str) -> Bad:
    return Bad("an order that is over", lambda mall: getattr(mall.shop.orders, verb)(edit(mall.orders()[0], LESS)), "order_closed", before=_canceled)


def _cases(verb: str) -> list[Bad]:
    return [
        _bad(verb, "a line that is not there", "units_unknown", changes=(ChangeQuantity(line_no=9, quantity=1),)),
        _bad(verb, "goods that are not there", "sku_unknown", changes=(AddLine("TOY"),)),
        _bad(verb, "nothing new", "edit_changes_nothing", changes=(ChangeQuantity(line_no=1, quantity=2),)),
        _bad(verb, "nothing left", "edit_leaves_nothing", changes=tuple(ChangeQuantity(line_no=no, quantity=0) for no in (1, 2))),
        _bad(verb, "an order that has moved", "edit_plan_stale", as_of=99),
        _bad(verb, "another amount than was told", "edit_delta", delta=5),
        _bad(verb, "a coupon that is not there", "coupon_unknown", changes=(ChangeCoupon("NONE"),)),
        _bad(verb, "tenders above what is open", "tenders_above_owed", tenders=(card(9_000),)),
        _bad(verb, "a customer of somebody else's", "order_not_found", by=evolve(ANN, id="bob")),
        _bad(verb, "no change", InvalidValue, "a ship_to or changes", changes=()),
        _bad(verb, "a change twice", InvalidValue, "changes a thing once", changes=(LESS, LESS)),
        _bad(verb, "an address among the changes", InvalidValue, "as ship_to", changes=(ChangeAddress(GRAZ),)),
        _bad(verb, "a word for a change", InvalidValue, "must be a tuple of", changes=("less",)),
        _too_late(verb),
    ]


EDIT_CASES: dict[str, list[Bad]] = {
    "orders.preview_edit": _cases("preview_edit"),
    "orders.edit": [*_cases("edit"), _bad("edit", "more than there is", "stock_exhausted", changes=(AddLine("CUP", 50),))],
}

EDIT_PARTS: dict[type, dict[str, Any]] = {EditOrder: {"changes": (LESS, AddLine("CUP", 1)), "ship_to": GRAZ, "note": "by phone"}}


def _edits(name: str, *changes: Change, prepare: Any, terms: Terms = NO_TERMS, ways: Any = MappingProxyType({}), **facts: Any) -> Scenario:
    def act(mall: Mall, order: Order) -> Any:
        return mall.shop.orders.edit(edit(order, *changes, **facts))

    return Scenario(name, flows.edit_order, act, prepare, terms=terms, ways=ways)


def sent_back(mall: Mall) -> Order:
    """A paid order that review sent back to its buyer."""
    order = paid(mall.shop)
    return accepted(mall.shop.orders.send_back(SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which street?")))


def far(mall: Mall) -> Order:
    """An order that Hamburg ships to Germany, in a shop with a place in Lyon too."""
    for place in ("hamburg", "lyon"):
        come(mall.shop, place, "TEA", 5)
    return bought(mall.shop, ("TEA", 2))


EDITED = (
    _edits("edit an order that waits for its money", LESS, AddLine("CUP", 2), prepare=lambda mall: placed(mall.shop)),
    _edits("edit a paid order to less", LESS, prepare=lambda mall: paid(mall.shop)),
    _edits("edit a paid order to more", *MORE, prepare=lambda mall: paid(mall.shop), tenders=(card(6_000),)),
    _edits("edit what is paid at the door", LESS, prepare=lambda mall: placed(mall.shop, an_order(via=Via.ON_DELIVERY))),
    _edits("edit the address", prepare=lambda mall: paid(mall.shop), ship_to=GRAZ),
    _edits("correct an order that was sent back", LESS, prepare=sent_back, terms=REVIEWED, by=ANN, ship_to=GRAZ),
    _edits("edit the address of what several places ship", LESS, prepare=far, ways=FAR_WAYS, ship_to=LYON_HOME),
    _edits("edit coupon and shipping", ChangeCoupon("SPRING"), ChangeShipping(FlatShipping("express", 900)), prepare=lambda mall: paid(mall.shop)),
)


def toys(mall: Mall, quantity: int = 5) -> None:
    """More goods for the shop to sell."""
    toy = Product(sku="TOY", title="Toy", seller_id="house", prices=(Money(700, "EUR"),))
    accepted(mall.shop.goods.put(PutProduct(key="put-TOY", by=CLERK, product=toy)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="receive-TOY", by=CLERK, sku="TOY", quantity=quantity)))
