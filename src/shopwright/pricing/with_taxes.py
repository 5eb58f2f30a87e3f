"""Taxes put on a price that was made without: what an engine outside is asked about it, and the same price with the answer in it.

    request = tax_request(quote, products, place=place, policy=policy)
    answer = engine.assess(request, deadline=deadline)
    quote = with_taxes(quote, GivenTaxes(answer, policy))

Rules
- the price is made again from what it froze (`frozen_facts`): nothing is searched or asked twice, so all but its taxes stays to the cent;
- gifts are not asked about: there is nothing to pay on them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.replay import frozen_facts
from shopwright.pricing.tax import TaxLine, TaxPolicy, TaxRequest
from shopwright.pricing.tax_rates import TaxPlace
from shopwright.pricing.taxes import GivenTaxes
from shopwright.refusals import Refusal


def tax_request(quote: Quote, products: Iterable[Product], *, place: TaxPlace, policy: TaxPolicy, city: str = "", postcode: str = "") -> TaxRequest:
    """What is to be asked about a price without taxes; `products` tell the tax classes of its lines."""
    _check_untaxed(quote)
    classes = {product.sku: product.tax_class for product in products}
    lines = tuple(
        [
            TaxLine(line.line_no, classes[line.sku], line.subtotal - line.discount, shipping=line.shipping)
            for line in quote.lines
            if line.given_by is None
        ]
    )
    return TaxRequest(quote.currency, lines, place=place, policy=policy, at=quote.priced_at, city=city, postcode=postcode)


def with_taxes(quote: Quote, taxes: GivenTaxes) -> Quote | Refusal:
    """The same price with these taxes; refused with `amount_too_large` alone. Raises `InvalidValue` for taxes of other lines or amounts."""
    _check_untaxed(quote)
    cart, facts = frozen_facts(quote)
    return price(cart, evolve(facts, taxes=taxes), at=quote.priced_at)


def _check_untaxed(quote: Quote) -> None:
    if quote.trace[-1].code != "off":
        raise InvalidValue(f"expected a price without taxes, got one with taxes by {quote.trace[-1].rule}; price it with facts that hold none")
