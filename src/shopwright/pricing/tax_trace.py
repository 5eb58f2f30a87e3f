"""Taxes as a step of a price: what the trace records of them, and whether an answer from outside fits what was asked.

Rules
- tax that comes on top changes what lines amount to (`added`); tax that prices hold changes nothing and is told all the same (`included`);
- the entry records the table or engine, its version, and the whole policy: with the rulings that each line keeps (`TaxedLine.rulings`) that is
  all it takes to reckon again;
- an outside engine is believed in what it takes, not in what it takes it of: every line that was asked, none else, at the amount that was asked,
  in the currency that was asked; what is not taxed has no taxes.
"""

from __future__ import annotations

from collections.abc import Iterator

from shopwright.money import Rounding
from shopwright.pricing.tax import Prices, RoundingLevel, ShippingTax, TaxPolicy, TaxRequest
from shopwright.pricing.tax_amounts import TaxAssessment, Taxed
from shopwright.pricing.tax_rates import Treatment
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Fact


def traced(assessment: TaxAssessment, policy: TaxPolicy, *, before: int) -> TraceStep:
    """The entry of these taxes in the trace of a price that amounted to `before`."""
    facts: tuple[tuple[str, Fact], ...] = (
        ("level", policy.level.value),
        ("shipping", policy.shipping.value),
        ("shipping_class", policy.shipping_class),
        ("tax", assessment.tax),
    )
    note = ", ".join(f"{total.rate.code} {total.rate.percent}" for total in assessment.totals if total.rate is not None)
    source, rounding = (assessment.rule, assessment.version), policy.rounding.value
    if policy.prices is Prices.INCLUSIVE:
        return TraceStep("tax", "included", before, 0, before, (), *source, rounding, note, facts)
    parts = tuple([line.tax for line in assessment.lines])
    return TraceStep("tax", "added", before, assessment.tax, before + assessment.tax, parts, *source, rounding, note, facts)


def policy_of(entry: TraceStep) -> TaxPolicy:
    """The policy that an entry made by `traced` was reckoned by."""
    return TaxPolicy(
        prices=Prices.INCLUSIVE if entry.code == "included" else Prices.EXCLUSIVE,
        level=RoundingLevel(entry.fact("level")),
        rounding=Rounding(entry.rounding),
        shipping=ShippingTax(entry.fact("shipping")),
        shipping_class=str(entry.fact("shipping_class")),
    )


def misfits(request: TaxRequest, assessment: TaxAssessment) -> tuple[str, ...]:
    """Where an assessment does not answer the request it was made for, in words; empty where it does.

    Lines have to come in the order of the request; with inclusive prices gross amounts are those that were asked, with exclusive ones net.
    """
    asked, told = [line.line_no for line in request.lines], [line.line_no for line in assessment.lines]
    if asked != told:
        return (f"it was asked for the lines {asked}, and tells of {told}",)
    if assessment.currency not in ("", request.currency):
        return (f"it was asked in {request.currency}, and tells of {assessment.currency}",)
    return tuple(_misfits(request, assessment))


def _misfits(request: TaxRequest, assessment: TaxAssessment) -> Iterator[str]:
    inclusive = request.policy.prices is Prices.INCLUSIVE
    name = "gross" if inclusive else "net"
    for line, answer in zip(request.lines, assessment.lines, strict=True):
        parts: tuple[tuple[str, int, Taxed], ...] = (("goods", line.amount, answer.goods), ("shipping", line.shipping, answer.shipping))
        for part, amount, found in parts:
            got = found.gross if inclusive else found.net
            if got != amount:
                yield f"line {line.line_no}: {part} of {amount} {name} were asked, it tells of {got}"
        for part, treatment, found in (("goods", answer.treatment, answer.goods), ("shipping", answer.shipping_treatment, answer.shipping)):
            if found.taxes and treatment is not Treatment.TAXED:
                yield f"line {line.line_no}: {part} are {treatment.value}, and it tells of taxes on them"
