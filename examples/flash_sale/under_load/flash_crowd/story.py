"""A sale from its opening to its end: the rush, the second wave when the time to pay is over, and the sweep after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve, frozen

import shopwright as sw
from flash_crowd.books import Books, books
from flash_crowd.buying import Ended, Outcome, paid
from flash_crowd.fairness import Fairness, fairness
from flash_crowd.sale import SECOND_WAVE, UNPAID_UNTIL, Sale, Then, Visit, a_shop
from shopwright.ports.storage import Storage

Wave = Callable[[Sequence[Visit], int], tuple[Outcome, ...]]
"""Lets some visits loose and tells what became of them; told which wave it is."""


@frozen(kw_only=True)
class Told:
    """What became of a sale: of its rush, of those who came again, of those who paid too late, and the books at its end."""

    sale: Sale
    rush: tuple[Outcome, ...]
    again: tuple[Outcome, ...]
    late: tuple[sw.Order, ...]
    fair: Fairness
    after_rush: Books
    end: Books

    @property
    def seconds(self) -> float:
        """From the opening to the last order of the rush."""
        return max((it.answered for it in self.rush if it.ended is Ended.SERVED), default=0.0)

    def lines(self) -> Iterator[str]:
        """The same for people."""
        served = [it for it in self.rush if it.ended is Ended.SERVED]
        half, most, longest = (f"{1_000 * it:,.0f} ms" for it in self.fair.waits)
        rate = len(served) / (self.seconds or 1)
        yield f"the rush: {len(self.rush):,} visits, {len(served):,} orders in {self.seconds:.2f} s ({rate:,.0f} a second)"
        yield f"          {_ended(self.rush)}; {max((it.looked for it in self.rush), default=0)} looks at most"
        yield f"fairness: who was served had come before who was not in {self.fair.kept_order:.1%} of all pairs (a queue 100 %, a lottery 50 %)"
        yield f"          who came first was told first in {self.fair.in_turn:.1%}; served by tenth: {_percents(self.fair.by_tenth)}"
        yield f"          half waited {half} at most, 99 of 100 {most}, nobody longer than {longest}"
        yield f"          members with more than {self.sale.share}: {len(self.fair.above_share)}"
        yield f"after it: {self.after_rush.paid:,} units paid, {self.after_rush.sold - self.after_rush.paid:,} held for orders that nobody has paid"
        refunds = sum(order.state == "canceled" for order in self.late)
        yield f"later:    {_ended(self.again)}; {len(self.late)} paid too late, {refunds} of them are to be refunded"
        yield f"the end:  {self.end.sold:,} of {self.end.units:,} units sold, {self.end.oversold} too many, {self.end.unsold} left over; " + (
            "orders and quotas agree" if self.end.agree else f"orders and quotas DISAGREE: {self.end.sale}, {self.end.stock}"
        )


def run(storage: Storage, sale: Sale, rush: Wave, again: Wave) -> Told:
    """Hold the sale. Units that were left unpaid are sold to those who come again, as do all who found it sold out or never heard; who pays for
    such a unit too late is told so.
    """
    first = rush(sale.crowd(), 1)
    after_rush = books(storage, sale, at=SECOND_WAVE - UNPAID_UNTIL)
    late = [it for it in first if it.visit.then is Then.PAYS_LATE and it.order_id]
    content = {it.visit for it in first if it.ended is not Ended.SOLD_OUT}
    second = again([evolve(visit, after=0.0, then=Then.PAYS) for visit in sale.crowd() if visit not in content], 2)
    shop = a_shop(storage, sale, at=SECOND_WAVE)
    paid_late = tuple([paid(shop, it.order_id) for it in late])
    shop.orders.sweep()
    end = books(storage, sale, at=SECOND_WAVE)
    fair = fairness(first, share=sale.share, held=end.held)
    return Told(sale=sale, rush=first, again=second, late=paid_late, fair=fair, after_rush=after_rush, end=end)


def _ended(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(f"{sum(it.ended is ended for it in outcomes):,} {ended.value}" for ended in Ended)


def _percents(shares: Sequence[float]) -> str:
    return " ".join(f"{share:.0%}" for share in shares)
