"""Credit notes: the numbered documents that say what was given back, with its taxes, and never change.

Rules
- REFUND-6: the notes of a series are numbered from 1 up without a gap: a number is taken with the very write that makes its note;
- REFUND-7: the lines of a note sum to what went back as money and to what was set off, and each line tells its net amount and its taxes;
- what was given back out of goodwill changes no price, so its line has no tax; what is wrong with a note is put right by another document.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.pricing.tax_amounts import RateTax, Taxed
from shopwright.pricing.tax_rates import TaxRate

GOODS, SHIPPING, GOODWILL = "goods", "shipping", "goodwill"
"""What a line of a credit note is for."""


@frozen(kw_only=True)
class CreditLine:
    """One line of a credit note: what is given back of a line of the order, 0 for none; amounts are minor units."""

    line_no: int = field(validator=whole(least=0))
    about: str = field(validator=text(least=1, most=20))
    sku: str = field(validator=text())
    title: str = field(validator=text())
    units: int = field(validator=whole(least=0))
    taxed: Taxed = field(validator=of(Taxed))

    @property
    def net(self) -> int:
        """What it is without taxes."""
        return self.taxed.net

    @property
    def tax(self) -> int:
        """The taxes in it."""
        return self.taxed.tax

    @property
    def gross(self) -> int:
        """What is given back: net + tax."""
        return self.taxed.gross


@frozen(kw_only=True)
class CreditNote:
    """A credit note for an order. `refund` is what goes back as money, `set_off` what the buyer had not paid or was given before, or what is
    disputed, in minor units.

    Raises `InvalidValue` when its lines do not sum to both.
    """

    number: str = field(validator=identifier(most=100))
    order_id: str = field(validator=text(least=1))
    order_number: str = field(validator=text(least=1))
    buyer_id: str = field(validator=text())
    currency: str = field(validator=identifier(most=3))
    reason: str = field(validator=text(most=200))
    lines: tuple[CreditLine, ...] = field(validator=members(CreditLine, least=1))
    refund: int = field(validator=whole(least=0))
    set_off: int = field(default=0, validator=whole(least=0))
    issued_at: datetime = field(validator=aware)

    def __attrs_post_init__(self) -> None:
        if self.gross != self.refund + self.set_off:
            told = f"{self.refund} that goes back and {self.set_off} that is set off"
            raise InvalidValue(f"the lines of credit note {self.number} must sum to {told}, got {self.gross}")

    @property
    def net(self) -> int:
        """What it gives back without taxes."""
        return sum([line.net for line in self.lines])

    @property
    def tax(self) -> int:
        """The taxes that it gives back."""
        return sum([line.tax for line in self.lines])

    @property
    def gross(self) -> int:
        """What it gives back."""
        return sum([line.gross for line in self.lines])

    @property
    def taxes(self) -> tuple[RateTax, ...]:
        """The taxes that it gives back, rate by rate: lower stages first, then by code."""
        found: dict[TaxRate, int] = {}
        for line in self.lines:
            for each in line.taxed.taxes:
                found[each.rate] = found.get(each.rate, 0) + each.tax
        return tuple([RateTax(rate, found[rate]) for rate in sorted(found, key=TaxRate.turn)])


@frozen(kw_only=True)
class CreditNoteBook:
    """How many notes a series has: what the next number is made from."""

    series: str = field(validator=identifier(most=40))
    last: int = field(default=0, validator=whole(least=0))

    def number(self) -> str:
        """The number of the last note, such as `CN-000007`."""
        return f"{self.series}-{self.last:06d}"

    def next(self) -> CreditNoteBook:
        """The book with one note more (REFUND-6)."""
        return CreditNoteBook(series=self.series, last=self.last + 1)
