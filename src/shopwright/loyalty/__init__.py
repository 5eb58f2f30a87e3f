"""Loyalty: a ledger of points as lots. Read `lots.py`, then `entries.py`, `account.py` and the verbs in `ledger.py` and `reversing.py`."""

from shopwright.loyalty.account import Account, Balance, evolve, fold
from shopwright.loyalty.entries import Cause, Hold, PointsEntry
from shopwright.loyalty.expiry import EndOf, ExpiresAfter, ExpiresOn, Expiry, expires_at
from shopwright.loyalty.history import Expiring, Statement, account_as_of, expiring, statement
from shopwright.loyalty.ledger import Posted, activate, earn, expire, extend, hold, redeem, redeem_held, release
from shopwright.loyalty.lots import DebitOrder, Lot
from shopwright.loyalty.reversing import Earning, Recourse, Redemption, restore, reverse

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
    "Recourse",
    "Redemption",
    "Statement",
    "account_as_of",
    "activate",
    "earn",
    "evolve",
    "expire",
    "expires_at",
    "expiring",
    "extend",
    "fold",
    "hold",
    "redeem",
    "redeem_held",
    "release",
    "restore",
    "reverse",
    "statement",
]
