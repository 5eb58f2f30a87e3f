"""What taxes come to: on an amount, on a line, over an order, and how much of them goes back when a part of it does.

Rules
- net + tax = gross, always: the gross amount is their sum and is stored nowhere;
- what is given back in parts is cut by what has been given back *in all*, rounded down, so parts of any size and order never give back more
  than is due so far, and the last one takes the rest (the cut of `OrderLine.owed`); a return of every unit leaves nothing of any tax;
- the share of one rate is cut out of the tax that has gone back in all, and never out of the part alone, so each rate comes to its own total.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from shopwright.edges import identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.pricing.tax_rates import Ruling, TaxRate, Treatment

_MOST = 2**80  # what the law can make of 64 bits of minor units; whether a price is too large is told of the price


# Not slotted, like the trace: an order has dozens of these, and they are made in half the time.
@frozen(slots=False)
class RateTax:
    """What one rate takes: `tax`, in minor units."""

    rate: TaxRate = field(validator=of(TaxRate))
    tax: int = field(validator=whole(least=0, most=_MOST))


@frozen(slots=False)
class Taxed:
    """An amount in minor units and the tax of each rate on it; nothing of it is below zero.

    A rate that takes nothing is listed too, as long as it was asked: its base counts.
    """

    net: int = field(validator=whole(least=0, most=_MOST))
    taxes: tuple[RateTax, ...] = field(default=(), validator=members(RateTax))

    @property
    def tax(self) -> int:
        """The taxes of all rates."""
        return sum([each.tax for each in self.taxes])

    @property
    def gross(self) -> int:
        """The net amount and all its taxes."""
        return self.net + self.tax

    def base_of(self, rate: TaxRate) -> int:
        """What a rate is taken of: the net amount and the taxes of lower stages."""
        return self.net + sum([each.tax for each in self.taxes if each.rate.stage < rate.stage])


@frozen(slots=False)
class TaxedLine:
    """A line with its taxes; `goods` and `shipping` go back each by itself, so they are kept apart.

    The treatments say why a part without taxes has none, the reasons what the invoice has to say of it. A line that no shipping is charged
    for has an empty amount of it, and nothing is said of that.
    """

    line_no: int = field(validator=whole(least=1))
    goods: Taxed = field(validator=of(Taxed))
    shipping: Taxed = field(default=Taxed(0), validator=of(Taxed))
    treatment: Treatment = field(default=Treatment.TAXED, validator=of(Treatment), kw_only=True)
    shipping_treatment: Treatment = field(default=Treatment.TAXED, validator=of(Treatment), kw_only=True)
    reason: str = field(default="", validator=text(most=500), kw_only=True)
    shipping_reason: str = field(default="", validator=text(most=500), kw_only=True)

    @property
    def rulings(self) -> tuple[Ruling, Ruling]:
        """What was ruled for the goods and the shipping, as `reckon` takes it: a replay asks no table."""
        goods = Ruling(tuple([each.rate for each in self.goods.taxes]), treatment=self.treatment, reason=self.reason)
        if self.shipping_treatment is Treatment.TAXED and not self.shipping.taxes:
            return goods, goods
        rates = tuple([each.rate for each in self.shipping.taxes])
        return goods, Ruling(rates, treatment=self.shipping_treatment, reason=self.shipping_reason)

    @property
    def net(self) -> int:
        """What the seller keeps of the line."""
        return self.goods.net + self.shipping.net

    @property
    def tax(self) -> int:
        """What the tax office gets of it."""
        return self.goods.tax + self.shipping.tax

    @property
    def gross(self) -> int:
        """What the buyer pays for it: net + tax."""
        return self.net + self.tax


@frozen
class TaxTotal:
    """One line of the tax summary: what was taken at a rate, of which base. Without a rate, what was not taxed, and why."""

    treatment: Treatment
    rate: TaxRate | None
    base: int
    tax: int
    reason: str = ""


@frozen
class TaxAssessment:
    """The answer to a `TaxRequest`: its lines with their taxes. `rule` and `version` name the table or the engine that it comes from.

    `currency` is that of its amounts; empty stands for the one that was asked.
    """

    rule: str = field(validator=identifier(most=100))
    version: int = field(validator=whole(least=0))
    lines: tuple[TaxedLine, ...] = field(validator=members(TaxedLine))
    currency: str = field(default="", validator=text(most=3), kw_only=True)

    @property
    def net(self) -> int:
        """All net amounts."""
        return sum([line.net for line in self.lines])

    @property
    def tax(self) -> int:
        """All taxes."""
        return sum([line.tax for line in self.lines])

    @property
    def gross(self) -> int:
        """What is paid: net + tax."""
        return self.net + self.tax

    @property
    def totals(self) -> tuple[TaxTotal, ...]:
        """The tax summary: each rate by stage and code, then what was not taxed (EN 16931-1, BG-23); the taxes sum to `tax`."""
        rates: dict[TaxRate, tuple[int, int]] = {}
        untaxed: dict[tuple[str, str], tuple[Treatment, int]] = {}
        for part, treatment, reason in self._parts():
            for each in part.taxes:
                base, tax = rates.get(each.rate, (0, 0))
                rates[each.rate] = base + part.base_of(each.rate), tax + each.tax
            if not part.taxes and part.net:
                key = treatment.value, reason
                untaxed[key] = treatment, untaxed.get(key, (treatment, 0))[1] + part.net
        taxed = [TaxTotal(Treatment.TAXED, rate, *rates[rate]) for rate in sorted(rates, key=TaxRate.turn)]
        return (*taxed, *[TaxTotal(untaxed[key][0], None, untaxed[key][1], 0, key[1]) for key in sorted(untaxed)])

    def _parts(self) -> Iterable[tuple[Taxed, Treatment, str]]:
        for line in self.lines:
            yield line.goods, line.treatment, line.reason
            yield line.shipping, line.shipping_treatment, line.shipping_reason


def tax_share(total: int, *, units: int, of: int, before: int = 0) -> int:
    """How much of a total goes back with `units` of `of` units when `before` of them have gone back already.

    It is `floor(total * (before + units) / of) - floor(total * before / of)`: a sum over successive parts telescopes to the total, so nothing
    is lost and nothing is made (the largest-remainder idea, taken along time). Units may be minor units of a price just as well as goods.
    Raises `InvalidValue` for a total or a count below zero, and for more units than are left.
    """
    for name, value in (("total", total), ("units", units), ("before", before)):
        if value.__class__ is not int or value < 0:
            raise InvalidValue(f"expected {name} to be an int from zero up, got {value!r}")
    if of.__class__ is not int or before + units > of:
        raise InvalidValue(f"expected at most {of!r} units in all, got {units} after {before}; give back what is left")
    return total * (before + units) // of - total * before // of if of else 0


def part_of(taxed: Taxed, *, units: int, of: int, before: int = 0) -> Taxed:
    """The part of an amount that `units` of `of` units carry, after `before` of them: what a refund of goods gives back.

    Its gross amount is `tax_share(taxed.gross, ...)`, so it agrees with what an order line owes. Raises `InvalidValue` as `tax_share` does.
    """
    earlier = tax_share(taxed.gross, units=before, of=of)
    return part_of_amount(taxed, tax_share(taxed.gross, units=units, of=of, before=before), before=earlier)


def part_of_amount(taxed: Taxed, amount: int, *, before: int = 0) -> Taxed:
    """So much of the gross amount, as net and taxes, after `before` of it has gone back: what a refund of money gives back.

    Raises `InvalidValue` for more than is left. The tax in the first `g` of a gross amount is `floor(tax * g / gross)`.
    """
    tax_share(taxed.gross, units=amount, of=taxed.gross, before=before)
    earlier, later = _taxes_upto(taxed, before), _taxes_upto(taxed, before + amount)
    taxes = [RateTax(each.rate, late - early) for each, early, late in zip(taxed.taxes, earlier, later, strict=True)]
    return Taxed(amount - sum([each.tax for each in taxes]), tuple(taxes))


def _taxes_upto(taxed: Taxed, gross: int) -> list[int]:
    """The tax of each rate in the first so many units of the gross amount.

    Rates are cut out one after the other, each from what is left for it and those behind it. Every cut is at most the whole and grows with it,
    so no part is ever below zero, whatever its size.
    """
    left, spread = taxed.tax, tax_share(taxed.tax, units=gross, of=taxed.gross)
    found = []
    for each in taxed.taxes:
        part = each.tax * spread // left if left else 0
        found.append(part)
        left, spread = left - each.tax, spread - part
    return found
