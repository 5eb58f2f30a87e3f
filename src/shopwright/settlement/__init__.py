"""Settlement: what the mall keeps of a sale, and what it owes those who sold. Read `commission.py`, then `payables.py`."""

from shopwright.settlement.commission import Commission, CommissionRate, commission
from shopwright.settlement.payables import Payable, PayableKind, Payout, balance, next_payout

__all__ = ["Commission", "CommissionRate", "Payable", "PayableKind", "Payout", "balance", "commission", "next_payout"]
