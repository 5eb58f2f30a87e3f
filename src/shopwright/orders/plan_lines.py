"""The lines of a refund plan: what each line gives back, part by part.

Rules
- a fee is a part of what was paid for the goods, cut like everything else, so fees of one rate add up over any sequence of refunds;
- what an earlier refund kept of shipping or took back of a discount is given back with the one that is due it, on the line it was kept on.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve as changed
from attrs import frozen

from shopwright.money import BASIS_POINTS, allocate
from shopwright.orders.charging_back import lost_with
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import PlannedLine, Units, Why
from shopwright.orders.refund_policy import Minimum, RefundPolicy, ShippingBack
from shopwright.orders.settled import SettledUnits
from shopwright.orders.unit_shares import UnitShare, before_of, cut, frozen_tax, share_of
from shopwright.pricing.tax_amounts import part_of_amount


@frozen
class PlannedLines:
    """The lines as they are shown, and as they are written down; of one number and order."""

    lines: tuple[PlannedLine, ...]
    settled: tuple[SettledUnits, ...]


@frozen(kw_only=True)
class _Draft:
    """A line while it is planned: its share, and what of it goes back or not."""

    share: UnitShare
    before: SettledUnits
    fee: int = 0
    shipping: int = 0
    charged: int = 0
    rules: tuple[str, ...] = ()

    @property
    def goods(self) -> int:
        return self.share.goods.gross - self.fee - self.charged


def planned_lines(order: Order, units: Units, policy: RefundPolicy, minimums: tuple[Minimum, ...]) -> PlannedLines:
    """What goes back on each line for units that have left."""
    asked, settled = dict(units), {it.line_no: it for it in order.settled}
    stays = {line.line_no: _stays(line, settled, asked) for line in order.lines}
    drafts = [_draft(line, asked.get(line.line_no, 0), settled, policy, last=not any(stays.values())) for line in order.lines]
    lost = lost_with(order.lines, stays, minimums, policy.below_minimum)
    drafts = _charged(drafts, sum([amount for _, amount in lost]), tuple([it.rule for it, _ in lost]))
    told = [draft for draft in drafts if draft.share.units or draft.charged or draft.shipping]
    return PlannedLines(tuple([_shown(order, it) for it in told]), tuple([_kept(it) for it in told]))


def _stays(line: OrderLine, settled: Mapping[int, SettledUnits], asked: Mapping[int, int]) -> int:
    return line.quantity - before_of(line, settled.get(line.line_no)) - asked.get(line.line_no, 0)


def _draft(line: OrderLine, units: int, settled: Mapping[int, SettledUnits], policy: RefundPolicy, *, last: bool) -> _Draft:
    before = settled.get(line.line_no, SettledUnits(line_no=line.line_no, units=0))
    share = share_of(line, units, before=before_of(line, before))
    gross = frozen_tax(line).goods.gross
    earlier = cut(gross, line, 0, share.before)
    fee = (earlier + share.goods.gross) * policy.restocking // BASIS_POINTS - earlier * policy.restocking // BASIS_POINTS
    shipping = 0 if policy.shipping is not ShippingBack.SHARE else share.shipping.gross
    if policy.shipping is ShippingBack.WHOLE and last:
        shipping = share.shipping.gross + before.shipping_kept
    return _Draft(share=share, before=before, fee=fee, shipping=shipping)


def _charged(drafts: list[_Draft], lost: int, rules: tuple[str, ...]) -> list[_Draft]:
    """The drafts with what is taken off for discounts that are lost by now, or given back of what was taken off before (REFUND-4)."""
    change = lost - sum([it.before.charged for it in drafts])
    if change == 0:
        return drafts
    weights = [it.goods for it in drafts] if change > 0 else [it.before.charged for it in drafts]
    most = min(abs(change), sum(weights))
    parts = allocate(most, weights) if most else (0,) * len(drafts)
    sign = 1 if change > 0 else -1
    return [changed(it, charged=sign * part, rules=rules) for it, part in zip(drafts, parts, strict=True)]


def _shown(order: Order, draft: _Draft) -> PlannedLine:
    share, line, before = draft.share, draft.share.line, draft.before
    taxed = frozen_tax(line)
    return PlannedLine(
        line_no=line.line_no,
        sku=line.sku,
        title=line.title,
        units=share.units,
        each=share.each,
        listed=share.listed,
        discount=share.discount,
        fee=draft.fee,
        charged=draft.charged,
        goods=part_of_amount(taxed.goods, draft.goods, before=before.goods),
        shipping=part_of_amount(taxed.shipping, draft.shipping, before=before.shipping),
        why=tuple(_why(order, draft)),
    )


def _why(order: Order, draft: _Draft) -> list[Why]:
    share, money = draft.share, order.money
    units = f"{share.units} of {share.line.quantity}"
    on_top = share.goods.gross - share.listed + share.discount
    told = [
        Why("price", share.listed, f"{units} at {money(share.line.unit_price)}: {money(share.listed)}"),
        Why("discount", -share.discount, f"less their share of {money(share.line.discount)} of discounts"),
        Why("tax", on_top, f"with their share of {money(frozen_tax(share.line).goods.tax)} of tax on top"),
        Why("shipping", draft.shipping, f"{money(draft.shipping)} of shipping"),
        Why("restocking", -draft.fee, f"less a restocking fee of {money(draft.fee)}"),
        _why_charged(order, draft),
    ]
    return [it for it in told if it.amount or (it.code == "price" and share.units)]


def _why_charged(order: Order, draft: _Draft) -> Why:
    if draft.charged < 0:
        return Why("charged_back", -draft.charged, f"{order.money(-draft.charged)} of discounts that an earlier refund took back")
    rules = ", ".join(draft.rules)
    return Why("charged_back", -draft.charged, f"less {order.money(draft.charged)}: what stays is below the minimum of {rules}")


def _kept(draft: _Draft) -> SettledUnits:
    goods = draft.goods
    return SettledUnits(
        line_no=draft.share.line.line_no,
        units=draft.share.units,
        goods=goods,
        shipping=draft.shipping,
        kept=draft.share.total - goods - draft.shipping,
        shipping_kept=draft.share.shipping.gross - draft.shipping,
        charged=draft.charged,
    )
