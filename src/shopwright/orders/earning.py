"""What an order earns in points: frozen when it is placed, and what is taken back of it as units and money go back.

Rules
- nothing is looked up again: lines, rules and rates are those that the order was placed with;
- EARN-8: what an order earns changes only with how it is paid: tenders of points that are added or replaced earn anew by the frozen rules;
- an order that is canceled earns nothing, whatever of it was delivered.
- EARN-10: what was promised and booked when an order was complete stays booked while goods of it go out once more, and is not booked again when it
  completes the second time.

No account is here: `shopwright.flows.points.earning` reads `bookings` after events of an order and brings the account of its buyer to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from shopwright.loyalty.earning import EarnLine
from shopwright.loyalty.order_points import EarnRate, GoneUnits, OrderPoints, RateOf, taken_back
from shopwright.loyalty.program import PointsProgram
from shopwright.money import allocate
from shopwright.orders.events import EarningChanged
from shopwright.orders.grants import promises
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.payments.payment import Tender
from shopwright.payments.states import AWAITED
from shopwright.pricing.gifts import GrantKind
from shopwright.pricing.quote import Quote, QuoteLine


@frozen(kw_only=True)
class Booking:
    """Points of an order as its account must show them: under `key`, `points` that were earned by these lines, `gone` of which are taken back.

    `is_earned` tells what rules gave from what promotions promised.
    `rule` and `version` say what gave them, `desired` what it would have given without caps; `earned_at` and `available_from` are moments, the last
    `None` while it is open from when they can be spent.
    """

    key: str
    points: int
    desired: int
    lines: tuple[tuple[int, int], ...]
    gone: int
    rule: str
    version: int
    earned_at: datetime
    available_from: datetime | None
    expires_at: datetime | None
    is_earned: bool = True


def frozen_points(
    program: PointsProgram, quote: Quote, tenders: Iterable[Tender], *, tier: str | None = None, left: int | None = None
) -> OrderPoints | None:
    """The points of an order at this price, paid so; `None` where there is no rule for its currency and no promise of points.

    `tier` is that of the buyer before the order, and `left` what is left of the caps of the program, in points.
    """
    if quote.currency != program.currency or not program.rules:
        promised = any(it.kind is GrantKind.POINTS for it in quote.grants)
        return evolve(program, rules=(), tiers=()).freeze(()) if promised else None
    promoted = [EarnRate(RateOf.PROMOTION, it.promotion, it.version, it.amount) for it in quote.grants if it.kind is GrantKind.POINTS_RATE]
    gateway = "" if program.tender is None else program.tender.gateway
    return program.freeze(
        [_earn_line(line, earns=line.sku not in program.excluded) for line in quote.lines],
        tier=tier,
        promotions=promoted,
        paid_with_points=sum([tender.amount for tender in tenders if gateway and tender.gateway == gateway]),
        left=left,
    )


def paid_with_points(order: Order) -> int:
    """What of an order was paid with points of its program, or may still be, in minor units."""
    if order.points is None or not order.points.gateway:
        return 0
    mine = [it for it in order.payments if it.tender.gateway == order.points.gateway]
    return sum([it.tender.amount if it.state in AWAITED else it.captured + it.open_authorization for it in mine])


def earning_anew(order: Order, *, at: datetime) -> tuple[EarningChanged, ...]:
    """The event by which an order that is not confirmed earns anew, where another part of it is paid with points (EARN-8)."""
    if order.points is None or order.confirmed_at is not None:
        return ()
    lines = [_earn_line(line, earns=line.line_no not in order.points.barred) for line in order.lines]
    earned = order.points.earning(lines, paid_with_points=paid_with_points(order))
    return () if earned == order.points.earned else (EarningChanged(earned=earned, at=at),)


def bookings(order: Order) -> tuple[Booking, ...]:
    """What the account of the buyer must show of an order: nothing before it is confirmed, and what was promised once it is complete.

    The keys are `<order id>/earn/<rule>` and those of the promises. They never change, and neither do the points under them; what is gone only grows.
    """
    points = order.points
    if points is None or order.confirmed_at is None:
        return ()
    available = points.available_from(completed_at=_completed_at(order), delivered_at=order.delivered_at)
    expires = points.expires_at(earned_at=order.confirmed_at, available_from=available)
    found = [
        Booking(
            key=f"{order.id}/earn/{each.rule}",
            points=each.granted,
            desired=each.desired,
            lines=each.lines,
            gone=gone_of(order, each.lines),
            rule=each.rule,
            version=each.rule_version,
            earned_at=order.confirmed_at,
            available_from=available,
            expires_at=expires,
        )
        for each in points.earned
        if each.desired
    ]
    return (*found, *_promised(order, available, expires))


def _promised(order: Order, available: datetime | None, expires: datetime | None) -> list[Booking]:
    """The points that promotions promised, once the order was complete; its lines share them by what is paid for them."""
    closed = order.closed_at
    if order.state is not OrderState.COMPLETED or closed is None:
        return []
    weights = [line.total for line in order.lines]
    found = []
    for promise in promises(order):
        if promise.grant.kind is GrantKind.POINTS:
            parts = allocate(promise.grant.amount, weights) if sum(weights) else ()
            lines = tuple([(line.line_no, part) for line, part in zip(order.lines, parts, strict=False)])
            found.append(
                Booking(
                    key=promise.key,
                    points=promise.grant.amount,
                    desired=promise.grant.amount,
                    lines=lines,
                    gone=gone_of(order, lines),
                    rule=promise.grant.promotion,
                    version=promise.grant.version,
                    earned_at=order.confirmed_at or closed,
                    available_from=available,
                    expires_at=expires,
                    is_earned=False,
                )
            )
    return found


def gone_of(order: Order, lines: tuple[tuple[int, int], ...]) -> int:
    """What is to be taken back in all of what these lines of an order earned (EARN-7)."""
    if order.state is OrderState.CANCELED:
        return sum([earned for _, earned in lines])
    units = [GoneUnits(line.line_no, line.quantity, line.buckets.gone) for line in order.lines]
    given_back = _given_back(order) if order.points is not None and order.points.refunds_take else 0
    return taken_back(lines, units, given_back=given_back, of=order.total.minor)


def _given_back(order: Order) -> int:
    """What was granted to go back of the price, in minor units: not what was paid above it."""
    above = max(0, sum([payment.captured for payment in order.payments]) - order.total.minor)
    return max(0, order.refund_granted - above)


def _completed_at(order: Order) -> datetime | None:
    return order.closed_at if order.state is OrderState.COMPLETED else None


def _earn_line(line: QuoteLine | OrderLine, *, earns: bool) -> EarnLine:
    """A line as the rules of a program read it."""
    goods, shipping = (line.tax, 0) if line.taxed is None else (line.taxed.goods.tax, line.taxed.shipping.tax)
    return EarnLine(
        line_no=line.line_no,
        listed=line.subtotal,
        discount=min(line.discount, line.subtotal),
        shipping=line.shipping,
        tax=goods,
        shipping_tax=shipping,
        tax_on_top=line.tax > 0,
        earns=earns,
    )
