"""What a shop keeps of store credit and gift cards: accounts, the payments that were made of them, and the entries of each account."""

from __future__ import annotations

from shopwright.credit.account import CreditAccount
from shopwright.credit.books import CreditPosted
from shopwright.credit.payments import CreditPayment
from shopwright.ports.kinds import Index, IndexType, Kind, RecordType

CREDIT = "credit"
"""The stream of everything that happens to money that the shop keeps: the entries of each account, under its id."""

DOCUMENTS = (
    Kind(
        "credit_account",
        CreditAccount,
        indexes=(
            Index("holder", IndexType.TEXT, lambda account: (not account.merged_into and account.holder) or None),
            Index("lapses_at", IndexType.TIME, lambda account: account.lapses_at),
        ),
    ),
    Kind("credit_payment", CreditPayment, indexes=(Index("account_id", IndexType.TEXT, lambda payment: payment.account_id or None),)),
)

RECORDS = (RecordType("CreditPosted", CreditPosted),)
