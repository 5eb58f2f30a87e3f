"""The codes of a cart at the desk of the shop: what is good of them, and whether the issued ones have uses left.

Rules
- of several codes for one promotion one is used: the first by its letters that has uses left, one without a limit before all others;
- the uses of a code are a quota under `coupon_key(code)`, granted when the first order wants one, once, by an operation of its own; it is
  brought to a new number when the batch has one;
- a quote tells what is wrong with a code and prices the cart without it; an order with such a code is refused, for its price is not
  what the customer was promised, and can be placed again without the code;
- a coupon of the cart is behind the same limiter: a wrong one counts, and who is out of attempts gets the same answer for any.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.flows.commands import PlaceOrder
from shopwright.flows.ports import Ports
from shopwright.ports.quotas import Grant, Quota
from shopwright.ports.storage import Changeset, Operation
from shopwright.pricing.cart import MAX_CODES
from shopwright.promotions.code_attempts import out_of_attempts
from shopwright.promotions.code_books import IssuedCode
from shopwright.promotions.code_desks import Entered
from shopwright.promotions.coupons import coupon_key
from shopwright.refusals import Refusal

RANK = 1
"""The uses of a code are locked after stock, as those of a coupon are."""


def subject_of(command: PlaceOrder) -> str:
    """Whom a limiter limits: who asks, as `customer/ann`. A guest is known by the id that the app gives its session."""
    return f"{command.by.kind.value}/{command.by.id}"


def entered(ports: Ports, command: PlaceOrder, *, grant: bool, at: datetime) -> Entered | None:
    """What became of the codes of a cart; `None` where there are none, or no desk. With `grant` their uses are made ready to be taken."""
    codes = command.cart.codes
    if ports.codes is None or not codes or len(codes) > MAX_CODES:  # so many are refused before any is tried
        return None
    told = ports.codes.ask(codes, subject=subject_of(command), member=command.buyer_id, at=at)
    return _with_uses(ports, told, grant=grant, at=at) if told.issued else told


def blocked(ports: Ports, command: PlaceOrder, *, at: datetime) -> Refusal | None:
    """The refusal for a cart with a coupon whose buyer is out of attempts."""
    if ports.codes is None or not command.cart.coupon_code or ports.codes.desk.allows(subject_of(command), at=at):
        return None
    return out_of_attempts()


def missed(ports: Ports, command: PlaceOrder, answer: object, *, at: datetime) -> None:
    """Take note of a coupon that there is not."""
    if ports.codes is not None and isinstance(answer, Refusal) and answer.code == "coupon_unknown":
        ports.codes.desk.missed(subject_of(command), command.cart.coupon_code, at=at)


def _with_uses(ports: Ports, told: Entered, *, grant: bool, at: datetime) -> Entered:
    """The same with one issued code for each promotion, one that has uses left."""
    limited = [it for it in told.issued if it.uses.limited]
    standing = ports.storage.quota([coupon_key(it.code) for it in limited], at=at) if limited else {}
    chosen: dict[str, IssuedCode] = {}
    refused = list(told.refused)
    for it in sorted(told.issued, key=lambda one: (one.uses.limited, one.code)):
        quota = standing.get(coupon_key(it.code))
        if quota is not None and it.uses.total is not None and it.uses.total - quota.used - quota.held < 1:
            refused.append((it.code, Refusal("coupon_exhausted", f"coupon {it.code} has no uses left", {"coupon": it.code})))
        elif it.batch.promotion not in chosen:
            chosen[it.batch.promotion] = it
            if grant and quota is not None and quota.granted != it.uses.total:
                _bring_to(ports, it, quota, at=at)
    return evolve(told, issued=tuple(chosen.values()), refused=tuple(refused))


def _bring_to(ports: Ports, issued: IssuedCode, quota: Quota, *, at: datetime) -> None:
    """Grant what the batch says; whoever comes second finds the operation done."""
    key, total = coupon_key(issued.code), issued.uses.total or 0
    operation = Operation(f"{key}/{quota.granted}-{total}", "allow")
    ports.storage.commit(Changeset(operation, at, moves=(Grant(key, total - quota.granted, rank=RANK),)))
