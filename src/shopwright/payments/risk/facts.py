"""What is known of a payment when it is decided whether to take it.

Rules
- what is not known is `None`, or missing: a rule about it then neither fires nor clears anybody, and says that it could not tell;
- amounts are whole minor units of one currency, that of the rules that are asked;
- values that link payments are opaque: a keyed hash, or a token of a provider, and never an address, a number or a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from attrs import field, fields, frozen

from shopwright.edges import aware, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.payments.risk.context import Funding, Where
from shopwright.payments.risk.velocities import Link, Velocity
from shopwright.periods import utc


def _pairs(instance: Any, attribute: Any, value: Any) -> None:
    names = [pair[0] for pair in value]
    if len(set(names)) != len(names):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must name each once, got {', '.join(map(str, names))}")


def _known(pairs: Iterable[tuple[Any, Any]], name: object) -> Any:
    return next((value for known, value in pairs if known == name), None)


@frozen(kw_only=True)
class RiskFacts:
    """What is known at one moment, of a payment of `amount` minor units of `currency`.

    `orders_before` counts the orders that the buyer has paid and kept, `usual_amount` is what those cost on average, `chargebacks` counts those
    of everybody who shares a link with the buyer. `lists` are the names of the lists on which one of the links stands, `counts` what the
    velocities of the rules have counted, and `scores` what engines outside said. Without a `currency` amounts of all currencies are added up.
    """

    at: datetime = field(converter=utc)
    amount: int = field(validator=whole(least=0))
    currency: str = field(default="", validator=text(most=3))
    links: tuple[tuple[Link, str], ...] = field(default=(), validator=[members(tuple), _pairs], repr=False)
    countries: tuple[tuple[Where, str], ...] = field(default=(), validator=[members(tuple), _pairs])
    account_since: datetime | None = field(default=None, validator=maybe(aware))
    guest: bool | None = field(default=None, validator=maybe(of(bool)))
    orders_before: int | None = field(default=None, validator=maybe(whole(least=0)))
    usual_amount: int | None = field(default=None, validator=maybe(whole(least=0)))
    chargebacks: int | None = field(default=None, validator=maybe(whole(least=0)))
    email_disposable: bool | None = field(default=None, validator=maybe(of(bool)))
    ip_anonymous: bool | None = field(default=None, validator=maybe(of(bool)))
    funding: Funding | None = field(default=None, validator=maybe(of(Funding)))
    method: str = field(default="", validator=text(most=60))
    tags: frozenset[str] | None = field(default=None, validator=maybe(of(frozenset)))
    lists: frozenset[str] = field(default=frozenset(), validator=of(frozenset))
    counts: tuple[tuple[Velocity, int], ...] = field(default=(), validator=[members(tuple), _pairs])
    scores: tuple[tuple[str, int], ...] = field(default=(), validator=[members(tuple), _pairs])

    def __attrs_post_init__(self) -> None:
        for link, value in self.links:
            of(Link)(self, fields(RiskFacts).links, link)
            text(least=1)(self, fields(RiskFacts).links, value)
        for place, country in self.countries:
            of(Where)(self, fields(RiskFacts).countries, place)
            if not (len(country) == 2 and country.isascii() and country.isupper()):
                raise InvalidValue(f"expected the codes of countries of ISO 3166-1, such as 'DE', got {country!r}")

    def link(self, link: Link) -> str | None:
        """The value by which payments are linked so, if it is known."""
        found: str | None = _known(self.links, link)
        return found

    def country(self, place: Where) -> str | None:
        """The country that is known of it."""
        found: str | None = _known(self.countries, place)
        return found

    def count(self, velocity: Velocity) -> int | None:
        """What was counted; `None` where nobody has."""
        found: int | None = _known(self.counts, velocity)
        return found

    def score(self, engine: str) -> int | None:
        """What an engine outside said."""
        found: int | None = _known(self.scores, engine)
        return found
