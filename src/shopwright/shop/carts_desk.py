"""The desks of goods that are held for carts, and of goods that are not there yet."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows import cart_commands as c
from shopwright.flows.awaiting import Filled, Progress, Waiting, waiting
from shopwright.flows.carting import cart_of
from shopwright.inventory.cart_holds import CartHold
from shopwright.inventory.expecting import ExpectedGoods
from shopwright.members.actors import SYSTEM, Actor
from shopwright.ports.edge import check_text
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Carts(Desk):
    """Goods that are held for carts."""

    def hold(self, command: c.HoldCart, *, at: datetime | None = None) -> CartHold | Refusal:
        """Hold the goods of a cart until a moment, in place of what was held for it before."""
        return flows.hold_cart(self.ports, command, at=self._at(at))

    def release(self, command: c.ReleaseCart, *, at: datetime | None = None) -> CartHold | Refusal:
        """Give up what is held for a cart."""
        return flows.release_cart(self.ports, command, at=self._at(at))

    def get(self, cart_id: str, *, by: Actor = SYSTEM) -> CartHold | Refusal:
        """What is held for a cart, or was. Refused with `cart_not_held`, also for somebody else's."""
        check_text("cart id", cart_id)
        return cart_of(self.ports, cart_id, by=by)


@frozen
class Backorders(Desk):
    """Goods that are ordered before they are there. All of it needs `Shop(places=...)`."""

    def expect(self, command: c.ExpectGoods, *, at: datetime | None = None) -> ExpectedGoods | Refusal:
        """Say what is on its way to a place."""
        return flows.expect_goods(self.ports, command, at=self._at(at))

    def waiting(self, place: str, sku: str, *, at: datetime | None = None) -> tuple[Waiting, ...]:
        """Who waits for a sku at a place, in turn, and when each can have it."""
        return waiting(self.ports, place, sku, at=self._at(at))

    def fill(
        self, *, place: str = "", sku: str = "", at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None
    ) -> Filled:
        """Give what is there to the oldest promises; the sweep does so too. See `shopwright.flows.awaiting.fill_awaited`."""
        return flows.fill_awaited(self.ports, place=place, sku=sku, at=self._at(at), limit=limit, progress=progress)
