"""What a provider says it settled: the lines that settlement reconciles with the shop's own events.

Rules
- amounts carry the sign of the shop's account: a charge is positive, a refund, a chargeback and its fee are negative;
- `net` is always `gross - fee`; an adapter that reads another net from its provider raises `InvalidValue` and hides nothing.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, maybe, of, text
from shopwright.errors import CurrencyMismatch
from shopwright.money import Money


@frozen(kw_only=True)
class LedgerLine:
    """One movement on the shop's account with the provider. `kind` is charge, refund, refund_failure, chargeback,
    chargeback_reversal or a word of the provider.
    """

    line_id: str = field(validator=text(least=1))
    kind: str = field(validator=text(least=1))
    reference: str = field(validator=text())
    gross: Money = field(validator=of(Money))
    fee: Money = field(validator=of(Money))
    booked_at: datetime = field(validator=aware)
    available_on: datetime = field(validator=aware)
    payout_id: str | None = field(default=None, validator=maybe(text(least=1)))

    def __attrs_post_init__(self) -> None:
        if self.gross.currency != self.fee.currency:
            raise CurrencyMismatch(f"gross and fee of a ledger line are in one currency, got {self.gross} and {self.fee}")

    @property
    def net(self) -> Money:
        """What reaches the shop by this line."""
        return Money(self.gross.minor - self.fee.minor, self.gross.currency)
