"""The step that puts taxes on a price, and the facts that make a frozen one again.

Rules
- goods are taxed at what promotions and the coupon have left of them, and each line's share of shipping by the policy's rule for shipping;
- an answer from outside must fit the very lines that were priced (`tax_trace.misfits`), or it is an error of the caller, not a price;
- a frozen price is reckoned again from the rulings that its lines kept; what an engine outside answered is kept as it was.

Refusals: those of `shopwright.pricing.tax.assess`.
"""

from __future__ import annotations

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.pricing.checks import Sheet
from shopwright.pricing.frozen import FrozenPrice
from shopwright.pricing.tax import TaxLine, TaxPolicy, TaxRequest, assess, reckon
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import TaxPlace
from shopwright.pricing.tax_trace import misfits, policy_of, traced
from shopwright.pricing.taxes import FrozenTaxes, GivenTaxes, TableTaxes, Taxes
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Refusal

_GIVEN = ("given", True)

INSTEAD_OF = "instead_of"
"""The fact of a tax entry that names the engine that was silent."""


@frozen
class Assessed:
    """The entry of the taxes, and what they are line by line."""

    entry: TraceStep
    assessment: TaxAssessment


def assessed(sheet: Sheet, taxes: Taxes, so_far: tuple[int, ...]) -> Assessed | Refusal:
    """The taxes of the lines as they stand after all that was taken off them."""
    before = sum(so_far)
    shares = sheet.shares or (0,) * len(so_far)
    lines = tuple(
        [
            TaxLine(number, product.tax_class, amount - share, shipping=share)
            for number, (product, amount, share) in enumerate(zip(sheet.products, so_far, shares, strict=True), 1)
        ]
    )
    match taxes:
        case TableTaxes(table=table, policy=policy, place=place):
            answer = assess(request_of(sheet, lines, policy, place), table)
            return answer if isinstance(answer, Refusal) else Assessed(traced(answer, policy, before=before), answer)
        case GivenTaxes(assessment=assessment, policy=policy, instead_of=silent):
            _check_fit(misfits(request_of(sheet, lines, policy, TaxPlace()), assessment))
            entry = traced(assessment, policy, before=before)
            told = (*entry.facts, _GIVEN, (INSTEAD_OF, silent)) if silent else (*entry.facts, _GIVEN)
            return Assessed(evolve(entry, facts=told), assessment)
        case FrozenTaxes(rule=rule, version=version, policy=policy, rulings=rulings):
            if len(rulings) != len(lines):
                raise InvalidValue(f"expected frozen taxes for {len(lines)} lines, got them for {len(rulings)}")
            again = TaxAssessment(rule, version, reckon(lines, rulings, policy=policy))
            return Assessed(traced(again, policy, before=before), again)


def request_of(sheet: Sheet, lines: tuple[TaxLine, ...], policy: TaxPolicy, place: TaxPlace) -> TaxRequest:
    """What a table or an engine is asked about a cart."""
    return TaxRequest(sheet.cart.currency, lines, place=place, policy=policy, at=sheet.at)


def _check_fit(wrong: tuple[str, ...]) -> None:
    if wrong:
        raise InvalidValue(f"the given taxes do not fit this cart: {'; '.join(wrong[:3])}; ask the engine again for the lines as they are priced now")


def frozen_taxes(frozen_price: FrozenPrice, entry: TraceStep) -> Taxes | None:
    """The taxes of a frozen price, from its entry and its lines; `None` where tax was off."""
    if entry.code == "off":
        return None
    sold = [line.taxed for line in frozen_price.lines if line.given_by is None]
    lines = [taxed for taxed in sold if taxed is not None]
    if len(lines) != len(sold):
        raise InvalidValue(f"expected taxes on each of the {len(sold)} frozen lines, got them on {len(lines)}")
    policy = policy_of(entry)
    if _GIVEN in entry.facts:
        return GivenTaxes(TaxAssessment(entry.rule, entry.rule_version, tuple(lines)), policy, str(entry.fact(INSTEAD_OF, "")))
    return FrozenTaxes(entry.rule, entry.rule_version, policy, tuple([line.rulings for line in lines]))
