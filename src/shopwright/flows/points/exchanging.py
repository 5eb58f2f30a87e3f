"""Spend points on a prize: the points and the coupon are one changeset, so that nobody has both, and nobody neither.

Refusals, told in this order: `account_not_found`; `redemption_exists`; `prize_unknown`; `prize_exhausted`; `points_short`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright import loyalty
from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.points.commands import ExchangePoints
from shopwright.flows.points.handing import next_code
from shopwright.flows.points.saving import Decided, Kept, PointsChanges, changes_of, kept_account, seen, take
from shopwright.flows.ports import Ports
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.naming import kind_of, member_of
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.reversing import Redemption
from shopwright.loyalty.rewards import CouponGiven, CouponReward, Prize
from shopwright.ports.storage import Put, Record
from shopwright.refusals import Refusal
from shopwright.wire.kinds import REWARDS


@takes(ExchangePoints)
def exchange_points(ports: Ports, command: ExchangePoints, *, at: datetime) -> CouponReward | Refusal:
    """Spend points on a prize; the coupon, with its code where the shop hands out codes of that batch.

    To undo it, give the points back with `restore`, and block the code. Raises `InvalidValue` in a shop without a program, and for an account of
    another kind of points.
    """
    def again() -> CouponReward:
        stored = ports.storage.load(CouponReward, command.redemption_id)
        assert stored is not None, "what was done before is in the store"
        return stored.value

    return take(ports, command, lambda: _decided(ports, command, at=at), again, at=at)


def _decided(ports: Ports, command: ExchangePoints, *, at: datetime) -> Decided[CouponReward] | Refusal:
    prize = _program(ports, command.account_id).prize(command.prize)
    id, kept = command.redemption_id, kept_account(ports, command.account_id)
    if refusal := seen(kept, command.account_id, command.by):
        return refusal
    if ports.storage.load(Redemption, id) is not None or ports.storage.load(CouponReward, id) is not None:
        return Refusal("redemption_exists", f"there is a redemption {id} already", {"redemption": id})
    if prize is None:
        return Refusal("prize_unknown", f"there is no prize {command.prize}", {"prize": command.prize})
    code = next_code(ports, prize.batch)
    if code is None:
        return Refusal("prize_exhausted", f"all codes of the prize {prize.id} were handed out", {"prize": prize.id})
    cause = Cause(by=command.by, source=command.source, reason=command.reason, rule=prize.id, rule_version=prize.version)
    posted = loyalty.redeem(kept.account, id, prize.points, cause=cause, at=at)
    if isinstance(posted, Refusal):
        return posted
    spent = changes_of(kept, posted, loyalty.redemption_in(posted))
    reward = _reward(kept, prize, id, code[0], at=at)
    told = CouponGiven(key=id, order_id="", buyer_id=reward.buyer_id, batch=prize.batch, has_code=bool(code[0]), at=at)
    return Decided(spent.plus(PointsChanges((Put(id, reward), *code[1]), (Record(REWARDS, id, 1, told),))), reward)


def _program(ports: Ports, account_id: str) -> PointsProgram:
    program = ports.loyalty
    if program is None or kind_of(account_id) != program.points:
        expected = "a shop with a points program" if program is None else f"an account of {program.points}"
        raise InvalidValue(f"expected {expected} to exchange points of {account_id}; see Shop(loyalty=PointsProgram(prizes=...))")
    return program


def _reward(kept: Kept, prize: Prize, id: str, code: str, *, at: datetime) -> CouponReward:
    member = member_of(kept.account.id)
    return CouponReward(id=id, buyer_id=member, batch=prize.batch, code=code, promotion=prize.id, version=prize.version, at=at)
