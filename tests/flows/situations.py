"""Where an order may stand when two want something of it at once: the way there, told as deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen

from shopwright import Shop, Terms, Via
from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway
from shopwright.orders.terms import ApprovalRule, CaptureWhen, ReturnUses
from shopwright.payments.capabilities import Capabilities
from shopwright.ports.storage import Storage
from tests.flows.deeds import COMMANDS, FATES, Deed, Wish, befall, command, place, send
from tests.flows.giving import GIVING
from tests.flows.town import Town

SWEEP, POST, LATER = Deed("sweep"), Deed("post"), Deed("half an hour later")
"""What is neither a command about one order nor fate: a sweep, letters that arrive, time."""


@frozen
class Situation:
    """An order as somebody wished it, and what has happened to it since."""

    wish: Wish
    deeds: tuple[Deed, ...] = ()
    terms: Terms = Terms()
    ways: Mapping[str, Any] = {}
    """What else the shop is made of."""

    def arise(self, storage: Storage, *, able: Capabilities = EVERYTHING, gateway: Callable[[FakeGateway], Any] = lambda it: it) -> Town:
        """A town in this situation, with a provider that can do so much, seen through such a gateway."""
        town = Town(storage, self.terms, able=able, gateway=gateway, ways=self.ways)
        place(town.other, self.wish, "o1")
        for number, deed in enumerate(self.deeds):
            do(town, town.other, deed, f"before{number}")
        return town


def do(town: Town, shop: Shop, deed: Deed, key: str) -> None:
    """Do a deed in a shop, whatever it is."""
    if deed == SWEEP:
        shop.orders.sweep()
    elif deed == POST:
        _post(town, shop)
    elif deed == LATER:
        town.clock.advance(timedelta(minutes=31))
    elif deed.verb in FATES:
        befall(town, deed)
    else:
        found = command(town.orders()[0], deed, key, town.clock.now())
        if found is not None:
            send(shop, *found)


def _post(town: Town, shop: Shop) -> None:
    town.collect()
    letters, parcels = list(town.bag), list(town.parcels)
    town.bag, town.parcels = [], []
    for raw in letters:
        shop.payments.receive("fake", raw)
    for raw in parcels:
        shop.shipping.receive("flat_rate", raw)


_PAY = Deed("pay")
_CARD, _PAGE, _PROMISE = Wish(), Wish(token="tok_redirect"), Wish(capture=False)
_MANY = Wish(teas=2, cups=2)
_ON_DISPATCH = Terms(capture=CaptureWhen.ON_DISPATCH)
_REFUNDED, _RETURNED = (Terms(return_uses=policy) for policy in (ReturnUses.REFUNDED, ReturnUses.RETURNED))
_REVIEWED = Terms(approval=ApprovalRule(nobody=True))

SITUATIONS = {
    "placed": Situation(_CARD),
    "unpaid for too long": Situation(_CARD, (LATER,)),
    "a voucher is missing": Situation(Wish(voucher=500), (_PAY,)),
    "the buyer is on the page": Situation(_PAGE, (_PAY,)),
    "the buyer has left the page": Situation(_PAGE, (_PAY, LATER)),
    "the buyer has paid on the page": Situation(_PAGE, (_PAY, Deed("approve"))),
    "the page was replaced": Situation(_PAGE, (_PAY, Deed("replace", part=1))),
    "slow": Situation(Wish(token="tok_slow"), (_PAY,)),
    "declined": Situation(Wish(token="tok_declined"), (_PAY,)),
    "the answer is lost": Situation(Wish(token="tok_lost_applied+query_lost_not_applied"), (_PAY,)),
    "promised": Situation(_PROMISE, (_PAY,), _ON_DISPATCH),
    "taken in part": Situation(Wish(teas=2, cups=2, capture=False), (_PAY, Deed("capture_part"))),
    "paid": Situation(_CARD, (_PAY,)),
    "paid with a coupon": Situation(Wish(coupon="SPRING"), (_PAY,)),
    "disputed": Situation(_CARD, (_PAY, Deed("charge_back", part=2))),
    "a refund is under way": Situation(Wish(token="tok_ok+refund_slow"), (_PAY, Deed("refund", part=1))),
    "a refund will come back": Situation(Wish(token="tok_ok+refund_fails_late"), (_PAY, Deed("refund", part=1))),
    "planned in part": Situation(_MANY, (_PAY, Deed("ship", part=1))),
    "booked in part": Situation(_MANY, (_PAY, Deed("ship", part=3))),
    "a part has left": Situation(_MANY, (_PAY, Deed("ship", part=3), Deed("dispatch"))),
    "all has left": Situation(_CARD, (_PAY, Deed("ship", part=2), Deed("dispatch"))),
    "delivered": Situation(_CARD, (_PAY, Deed("ship"), Deed("dispatch"), Deed("deliver"))),
    "cash on delivery": Situation(Wish(via=Via.ON_DELIVERY)),
    "in review": Situation(_CARD, (_PAY,), _REVIEWED),
    "sent back": Situation(_CARD, (_PAY, Deed("send_back")), _REVIEWED),
    "held": Situation(_CARD, (_PAY, Deed("hold"))),
    "canceled": Situation(_PROMISE, (_PAY, Deed("cancel"))),
    "canceled, and nothing went back": Situation(_CARD, (_PAY, Deed("cancel_without_refund"))),
    "placed with a gift": Situation(_CARD, ways=GIVING),
    "unpaid for too long with a gift": Situation(_CARD, (LATER,), ways=GIVING),
    "paid with a gift": Situation(_CARD, (_PAY,), ways=GIVING),
    "the gift alone has left": Situation(_CARD, (_PAY, Deed("ship_gift"), Deed("dispatch")), ways=GIVING),
    "free": Situation(Wish(coupon="GIFT")),
    "paid with a coupon that may come back": Situation(Wish(coupon="SPRING"), (_PAY,), _REFUNDED),
    "all of it is going back": Situation(Wish(coupon="SPRING", token="tok_ok+refund_slow"), (_PAY, Deed("refund", part=2)), _REFUNDED),
    "all of it has left, and goes back": Situation(
        Wish(coupon="SPRING"), (_PAY, Deed("ship", part=2), Deed("dispatch"), Deed("refund", part=2)), _RETURNED
    ),
}

DEEDS = (
    *(Deed(verb, part=part) for verb in sorted(COMMANDS) for part in (range(4) if verb in {"add", "replace", "ship", "refund"} else (0,))),
    SWEEP,
    POST,
)
"""What somebody may do with an order."""

EVENTS = (*DEEDS, LATER, *(Deed(verb, part=part) for verb in sorted(FATES) for part in ((11, 12) if verb == "scan" else (0, 1))))
"""What may happen between any two calls of theirs."""
