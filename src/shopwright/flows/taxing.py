"""Ask an engine outside for the taxes of a price: once the price stands, and before anything is written for it.

Rules
- TAX-1: an engine is asked while no transaction is open; within a host's transaction it is not asked at all, and counts as silent;
- TAX-2: what it answers must fit what was asked, line by line and to the cent; an answer that does not fit is none;
- TAX-3: a silent engine is stood in for as the shop has said (`IfSilent`); a refusal of the engine is an answer, and is the buyer's;
- a command that was done before gets its order, and nobody is asked for it again.

Refusals: those of the engine (`tax_class_unknown`, `tax_rule_missing`), and `tax_unavailable` (facts: `engine`, `why`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from shopwright import orders
from shopwright.catalog.products import Product
from shopwright.flows.ports import Ports
from shopwright.members.actors import SYSTEM
from shopwright.members.addresses import Address
from shopwright.orders.decision import Decision
from shopwright.orders.holds import Hold, HoldReason
from shopwright.payments.errors import GatewayError, Indeterminate, Misconfigured, NotSent, Throttled
from shopwright.ports.tax import EngineTaxes, IfSilent
from shopwright.pricing.facts import PriceFacts
from shopwright.pricing.quote import Quote
from shopwright.pricing.tax import TaxRequest, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import MAX_REGION, TaxPlace
from shopwright.pricing.tax_trace import misfits
from shopwright.pricing.taxes import GivenTaxes, TableTaxes
from shopwright.pricing.taxing import INSTEAD_OF
from shopwright.pricing.with_taxes import tax_request, with_taxes
from shopwright.refusals import Refusal

HOLD_ID = "tax"
"""The id of the hold on an order whose taxes a table told in place of the engine."""

_WHY: tuple[tuple[type[GatewayError], str], ...] = (
    (NotSent, "not_sent"),
    (Throttled, "throttled"),
    (Indeterminate, "no_answer"),
    (Misconfigured, "misconfigured"),
)


def table_for(ports: Ports, to: Address) -> TableTaxes | None:
    """The shop's own table for where the goods go; `None` where there is none, or an engine is asked instead."""
    taxes = ports.taxes
    return evolve(taxes, place=place_of(taxes.place, to)) if isinstance(taxes, TableTaxes) else None


def place_of(place: TaxPlace, to: Address) -> TaxPlace:
    """Where a sale to this address is taxed."""
    return evolve(place, country=to.country, region=_region_code(to.country, to.region))


def _region_code(country: str, region: str) -> str:
    """A region as ISO 3166-2 writes it, `US-NY` for `NY`; names of regions that are no such code say nothing to a table."""
    code = region.strip().upper()
    if code.startswith(f"{country.upper()}-"):
        return code[:MAX_REGION]
    return f"{country}-{code}" if 0 < len(code) <= 3 else ""


def taxed(ports: Ports, facts: PriceFacts, offer: Quote | Refusal, *, to: Address) -> Quote | Refusal:
    """The price with the taxes that the shop's engine tells; as it is where the shop has no engine, or there is no price."""
    taxes = ports.taxes
    if not isinstance(taxes, EngineTaxes) or isinstance(offer, Refusal):
        return offer
    request = _request(taxes, facts.products, offer, to)
    answer = "in_transaction" if ports.storage.is_joined else _asked(taxes, request)
    if not isinstance(answer, str):
        return answer if isinstance(answer, Refusal) else with_taxes(offer, GivenTaxes(answer, taxes.policy))
    if taxes.table is None:
        name = taxes.engine.name
        return Refusal("tax_unavailable", f"the taxes cannot be told for now, {name} did not answer", {"engine": name, "why": answer})
    stood_in = assess(request, taxes.table)
    return stood_in if isinstance(stood_in, Refusal) else with_taxes(offer, GivenTaxes(stood_in, taxes.policy, taxes.engine.name))


def _request(taxes: EngineTaxes, products: tuple[Product, ...], offer: Quote, to: Address) -> TaxRequest:
    return tax_request(offer, products, place=place_of(taxes.place, to), policy=taxes.policy, city=to.city, postcode=to.postcode)


def _asked(taxes: EngineTaxes, request: TaxRequest) -> TaxAssessment | Refusal | str:
    """What the engine says, or in a word why it says nothing that could be used (TAX-2)."""
    try:
        answer: Any = taxes.engine.assess(request, deadline=taxes.deadline)
    except GatewayError as error:
        return next((why for kind, why in _WHY if isinstance(error, kind)), "not_understood")
    if isinstance(answer, Refusal):
        return answer
    if not isinstance(answer, TaxAssessment) or misfits(request, answer):
        return "wrong_answer"
    return answer


def held(ports: Ports, decision: Decision, offer: Quote, *, at: datetime) -> Decision:
    """What was decided, with a hold where a table stood in for the engine and the shop wants a person to look at that."""
    taxes = ports.taxes
    if not isinstance(taxes, EngineTaxes) or taxes.if_silent is not IfSilent.HOLD or not offer.trace[-1].fact(INSTEAD_OF, ""):
        return decision
    note = f"{taxes.engine.name} did not answer; the taxes are those of the table {offer.trace[-1].rule}"
    hold = orders.hold(decision.order, Hold(id=HOLD_ID, reason=HoldReason.TAX, by=SYSTEM, at=at, note=note), at=at)
    assert isinstance(hold, Decision), "an order that was just placed can be held"
    return Decision(hold.order, (*decision.events, *hold.events))
