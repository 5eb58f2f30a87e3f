"""Loyalty: a ledger of points as lots, and tiers as tables.

Of the points read `lots.py`, then `entries.py`, `account.py` and the verbs in `ledger.py` and `reversing.py`; of the tiers `tiers.py`, then
`qualifying.py` and `tiering.py`.
"""

from shopwright.loyalty.account import Account, Balance, evolve, fold
from shopwright.loyalty.entries import Cause, Hold, PointsEntry
from shopwright.loyalty.expiry import EndOf, ExpiresAfter, ExpiresOn, Expiry, expires_at
from shopwright.loyalty.history import Expiring, Statement, account_as_of, expiring, statement
from shopwright.loyalty.lapsing import next_lapse, write_off
from shopwright.loyalty.ledger import Posted, activate, earn, expire, extend, hold, redeem, redeem_held, release
from shopwright.loyalty.lots import DebitOrder, Lot
from shopwright.loyalty.moving import Rate, merge, transfer
from shopwright.loyalty.naming import account_id, member_of
from shopwright.loyalty.reversing import Earning, Recourse, Redemption, redemption_in, restore, reverse

__all__ = [
    "Account",
    "Balance",
    "Cause",
    "DebitOrder",
    "Earning",
    "EndOf",
    "ExpiresAfter",
    "ExpiresOn",
    "Expiring",
    "Expiry",
    "Hold",
    "Lot",
    "PointsEntry",
    "Posted",
    "Rate",
    "Recourse",
    "Redemption",
    "Statement",
    "account_as_of",
    "account_id",
    "activate",
    "earn",
    "evolve",
    "expire",
    "expires_at",
    "expiring",
    "extend",
    "fold",
    "hold",
    "member_of",
    "merge",
    "next_lapse",
    "redeem",
    "redeem_held",
    "redemption_in",
    "release",
    "restore",
    "reverse",
    "statement",
    "transfer",
    "write_off",
]
