"""What an order earns in points and whether it takes tenders of points, asked when it is placed and when it is paid otherwise.

Rules
- nothing is read for a program without caps: what an order earns follows from its price, its tenders and the tier of who buys;
- what is left of caps is read when the order is placed, and what is booked later keeps within them exactly (EARN-4);
- of points that pay it is asked whether the order takes so many; whether there are as many, the account says when they are paid.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.commands import AddPayment, PlaceOrder
from shopwright.flows.points.saving import kept_account
from shopwright.flows.ports import Ports
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.naming import account_id, account_problem
from shopwright.loyalty.order_points import OrderPoints
from shopwright.loyalty.program import PointsProgram
from shopwright.orders.earning import frozen_points
from shopwright.orders.order import Order
from shopwright.payments.payment import Tender
from shopwright.periods import day_of
from shopwright.pricing.quote import Quote
from shopwright.promotions.basket import Buyer
from shopwright.refusals import Refusal


def points_of(ports: Ports, command: PlaceOrder, offer: Quote, buyer: Buyer, *, at: datetime) -> OrderPoints | Refusal | None:
    """What an order at this price earns; `None` where the program has nothing to do with it.

    Refused with the codes of `shopwright.loyalty.tendering` where it does not take its tenders of points.
    """
    program = ports.loyalty
    if program is None or account_problem(f"{program.points}/{command.buyer_id}"):
        return None  # who has no name that an account could have has no points
    if no := _refused(program, command.tenders, offer.currency, payable=offer.total, buyer_id=command.buyer_id):
        return no
    left = left_of_caps(ports, program, command.buyer_id, at=at) if program.is_capped and program.rules else None
    return frozen_points(program, offer, command.tenders, tier=buyer.tier, left=left)


def points_refused(program: PointsProgram, order: Order, command: AddPayment) -> Refusal | None:
    """Why an order does not take more tenders of points: together with those that it has, they are held to its total."""
    kept = [it for it in order.payments if it.id not in command.replaces and _pays_in(program, it.tender) and it.prospect]
    if not any(_pays_in(program, tender) for tender in command.tenders):
        return None
    tenders = (*[it.tender for it in kept], *command.tenders)
    return _refused(program, tenders, order.currency, payable=order.total.minor, buyer_id=order.buyer_id)


def left_of_caps(ports: Ports, program: PointsProgram, buyer_id: str, *, at: datetime) -> int | None:
    """What is left of the caps of a program for a member, in points; `None` where it has none."""
    kept = kept_account(ports, account_id(buyer_id, program.points))
    stored = ports.storage.load(GrantedSoFar, kept.account.id)
    if stored is None:
        return program.left(today=0, ever=0)
    return program.left(today=stored.value.on(day_of(at, program.zone)), ever=stored.value.ever)


def _pays_in(program: PointsProgram, tender: Tender) -> bool:
    return program.tender is not None and tender.gateway == program.tender.gateway


def _refused(program: PointsProgram, tenders: tuple[Tender, ...], currency: str, *, payable: int, buyer_id: str) -> Refusal | None:
    if program.tender is None:
        return None
    paying = [tender for tender in tenders if tender.gateway == program.tender.gateway]
    if not paying:
        return None
    if currency != program.currency:
        facts = {"currency": currency, "wanted": program.currency}
        return Refusal("points_tender_currency", f"points pay orders in {program.currency}, not in {currency}", facts)
    mine = account_id(buyer_id, program.points)
    foreign = next((tender.source for tender in paying if tender.source not in ("", mine)), None)
    if foreign is not None:
        return Refusal("points_tender_account", "points pay from the account of who buys", {"account": foreign})
    return program.tender.refused(sum([tender.amount for tender in paying]), payable=payable)
