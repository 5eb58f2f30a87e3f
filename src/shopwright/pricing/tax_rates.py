"""What the law takes of a sale: exact rates, what is ruled for a class of goods in a place, and the table that is looked up.

Rules
- a rate is an exact ratio of two integers, never a float: 1900 (basis points), "19 %", "0.08875" and "1/12" are rates;
- a rate of stage 0 is taken of the net amount alone, one of a higher stage of the net amount and all taxes of lower stages: GST and PST
  side by side are two rates of stage 0, a tax on a tax has stage 1; the order in which rates are listed means nothing;
- a rate of zero is a tax: it has its own line on the invoice and its own base; exempt, reverse-charged and out of scope are three other
  things, in which no rate is asked at all (the categories Z, E, AE and O of EN 16931-1, code list UNTDID 5305);
- a rule holds for one tax class in one place for some time; of those valid at the moment the nearest is taken: first those for this very kind
  of buyer, then those for anybody, and among these the region's, the country's, the one for anywhere. Rules replace each other, they do
  not add up, so a state's rule lists the federal rate too.

Refusals

| code | condition | facts |
|---|---|---|
| `tax_class_unknown` | no rule of the table, of any place and time, has the tax class | `tax_class`, `table` |
| `tax_rule_missing` | nothing is ruled for the class there, for this buyer, now | `tax_class`, `country`, `region`, `buyer`, `at`, `table` |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from itertools import pairwise
from math import gcd
from reprlib import repr as shown
from typing import TYPE_CHECKING

from attrs import field, frozen

from shopwright.edges import identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS
from shopwright.periods import Window, utc
from shopwright.refusals import Refusal

if TYPE_CHECKING:
    from fractions import Fraction

MOST_TIMES = 10
"""The highest rate: ten times the base, which no tax on sales has reached."""

FINEST = 10**12
"""The largest denominator of a rate in lowest terms."""

_TEXT = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<decimals>[0-9]{1,12})|/(?P<below>[0-9]{1,12}))?(?P<percent> ?%)?", re.ASCII)


def exact_ratio(rate: int | str | tuple[int, int] | Fraction) -> tuple[int, int]:
    """A rate as numerator and denominator in lowest terms.

    An int is basis points (1900 is 19 %), text is a decimal, a fraction or a percentage ("0.08875", "1/12", "8.875 %"), a pair or a
    `Fraction` is the ratio itself. Raises `InvalidValue` for anything else, a float above all, for a rate below 0 or above 1,000 %, and for
    one finer than a trillionth.
    """
    above, below = _ratio(rate)
    if below <= 0 or not 0 <= above <= MOST_TIMES * below:
        raise InvalidValue(f"expected a tax rate from 0 to {MOST_TIMES * 100} %, got {shown(rate)}; an int is basis points, 1900 is 19 %")
    shared = gcd(above, below)
    if below // shared > FINEST:
        raise InvalidValue(f"expected a tax rate with a denominator of at most {FINEST}, got {shown(rate)}; write it with fewer decimals")
    return above // shared, below // shared


def _ratio(rate: object) -> tuple[int, int]:
    if isinstance(rate, int) and not isinstance(rate, bool):
        return rate, BASIS_POINTS
    if isinstance(rate, str) and (found := _TEXT.fullmatch(rate)):
        decimals = found["decimals"] or ""
        return int(found["whole"] + decimals), 10 ** len(decimals) * int(found["below"] or 1) * (100 if found["percent"] else 1)
    if isinstance(rate, tuple) and len(rate) == 2 and all(part.__class__ is int for part in rate):
        return rate[0], rate[1]
    from fractions import Fraction

    if isinstance(rate, Fraction):
        return rate.numerator, rate.denominator
    hint = "; a float is never exact, so write it as text" if isinstance(rate, float) else ""
    raise InvalidValue(f"expected a tax rate such as 1900 (basis points), '19 %', '0.08875' or '1/12', got {shown(rate)}{hint}")


@frozen(cache_hash=True)  # sums go by it
class TaxRate:
    """One rate of one tax, such as `TaxRate("QST", "9.975 %", name="Quebec sales tax")`.

    `code` is what returns and invoices count it by; `rate` is kept as the exact pair that `exact_ratio` makes; `stage` says what it is taken
    of. Raises `InvalidValue` for an empty code, for what is no exact rate, and for a stage outside 0 to 9.
    """

    code: str = field(validator=identifier(most=60))
    rate: tuple[int, int] = field(converter=exact_ratio)
    name: str = field(default="", validator=text(), kw_only=True)
    stage: int = field(default=0, validator=whole(least=0, most=9), kw_only=True)

    def turn(self) -> tuple[int, str]:
        """What rates are sorted by wherever their order is seen: lower stages first, then by code."""
        return self.stage, self.code

    @property
    def percent(self) -> str:
        """The rate for people, exact: `8.875 %`, or `1/3` where no decimal is."""
        above, below = self.rate
        for places in range(13):
            scaled, rest = divmod(above * 100 * 10**places, below)
            if not rest:
                digits = str(scaled).rjust(places + 1, "0")
                return (f"{digits[:-places]}.{digits[-places:]}" if places else digits) + " %"
        return f"{above}/{below}"


class Treatment(Enum):
    """How the law looks at a sale; the value is what a trace records."""

    TAXED = "taxed"
    """At one rate or more; a rate of zero is one too."""
    EXEMPT = "exempt"
    """No tax, by a named exemption: rent, schooling, a resale certificate."""
    REVERSE_CHARGE = "reverse_charge"
    """No tax is charged, for the buyer owes it to the tax office: Art. 194-199 of Directive 2006/112/EC."""
    OUT_OF_SCOPE = "out_of_scope"
    """No sale in the eyes of the law: a gift card for many purposes, a deposit, a fine."""


@frozen(cache_hash=True)  # sums go by it
class Ruling:
    """What is taken of a sale: its rates when it is taxed, the reason when it is not.

    `reason` is what the invoice has to say, such as `VAT reverse charge`. Raises `InvalidValue` unless a taxed sale has at least one rate and
    every other none, and for two rates of one code.
    """

    rates: tuple[TaxRate, ...] = field(default=(), validator=members(TaxRate))
    treatment: Treatment = field(default=Treatment.TAXED, validator=of(Treatment), kw_only=True)
    reason: str = field(default="", validator=text(most=500), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if bool(self.rates) is not (self.treatment is Treatment.TAXED):
            hint = "a taxed sale has one rate or more (of zero, where that is the law), any other sale none"
            raise InvalidValue(f"expected the rates of a sale that is {self.treatment.value}, got {len(self.rates)}; {hint}")
        codes = sorted(rate.code for rate in self.rates)
        if len(set(codes)) < len(codes):
            raise InvalidValue(f"expected each rate of a ruling once, got {', '.join(codes)}")

    @cached_property
    def within(self) -> tuple[Mapping[TaxRate, int], int]:
        """What each rate takes out of a gross amount, as integers over the last one: 19 % gives 19 over 119."""
        whole, ground, stage = 1, 1, 0
        taken: dict[TaxRate, int] = {}
        for rate in sorted(self.rates, key=TaxRate.turn):
            if rate.stage > stage:
                stage, ground = rate.stage, whole
            above, below = rate.rate
            taken = {other: value * below for other, value in taken.items()}
            taken[rate] = ground * above
            whole, ground = whole * below + ground * above, ground * below
        return taken, whole


MAX_REGION = 20
"""The longest code of a region."""


def _upper(value: str) -> str:
    return value.strip().upper() if hasattr(value, "upper") else value  # what is no text is told by the validator


@frozen
class TaxPlace:
    """Where a sale is taxed, and to whom it is made.

    `country` is ISO 3166-1 alpha-2 and `region` its part as the table spells it (ISO 3166-2: `US-NY`); `buyer` is a kind of buyer that the
    law treats in its own way (`business`, `reseller`), empty for everybody else. Country and region are the same in any case.
    """

    country: str = field(default="", converter=_upper, validator=text(most=2))
    region: str = field(default="", converter=_upper, validator=text(most=MAX_REGION))
    buyer: str = field(default="", validator=text(most=60))


@frozen
class TaxRule:
    """What is ruled for a tax class in a place, to a kind of buyer, for some time.

    An empty `place.country` is anywhere, an empty `place.region` the whole country, an empty `place.buyer` anybody. Raises `InvalidValue` for
    an empty class and for a region of no country.
    """

    tax_class: str = field(validator=identifier(most=60))
    ruling: Ruling = field(validator=of(Ruling))
    place: TaxPlace = field(default=TaxPlace(), validator=of(TaxPlace))
    valid: Window = field(default=Window(), validator=of(Window), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.place.region and not self.place.country:
            raise InvalidValue(f"expected a region to come with its country, got {self.place.region} alone")


_Key = tuple[str, TaxPlace]
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@frozen
class TaxTable:
    """The rules of a shop, under a name and a version that every price made by them records.

    Raises `InvalidValue` when two rules for the same class, place and buyer hold at the same moment.
    """

    name: str = field(validator=identifier(most=100))
    rules: tuple[TaxRule, ...] = field(validator=members(TaxRule))
    version: int = field(default=1, validator=whole(least=1), kw_only=True)

    def __attrs_post_init__(self) -> None:
        for (tax_class, place), rules in self._by_key.items():
            for one, other in pairwise(rules):
                if one.valid.overlaps(other.valid):
                    both = f"{one.valid} and {other.valid}; end one where the next starts"
                    raise InvalidValue(f"expected one rule at a time for {tax_class} in {_told(place)}, got {both}")

    @cached_property
    def _by_key(self) -> Mapping[_Key, tuple[TaxRule, ...]]:
        """The rules of each class and place, by when they start: of two that overlap some neighbors do."""
        found: dict[_Key, list[TaxRule]] = {}
        for rule in self.rules:
            if not rule.valid.empty:
                found.setdefault((rule.tax_class, rule.place), []).append(rule)
        return {key: tuple(sorted(rules, key=_starts)) for key, rules in found.items()}

    def ruling(self, tax_class: str, place: TaxPlace, *, at: datetime) -> Ruling | Refusal:
        """What is ruled for the class there at this moment, or why nothing is; the codes are those of the module's table."""
        at = utc(at)
        for buyer in dict.fromkeys((place.buyer, "")):
            for country, region in dict.fromkeys(((place.country, place.region), (place.country, ""), ("", ""))):
                for rule in self._by_key.get((tax_class, TaxPlace(country, region, buyer)), ()):
                    if rule.valid.contains(at):
                        return rule.ruling
        return self._nothing(tax_class, place, at)

    def _nothing(self, tax_class: str, place: TaxPlace, at: datetime) -> Refusal:
        if all(rule.tax_class != tax_class for rule in self.rules):
            facts = {"tax_class": tax_class, "table": self.name}
            return Refusal("tax_class_unknown", f"the tax table {self.name} does not know the class {tax_class!r}", facts)
        told, moment = _told(place), at.isoformat()
        facts = {"tax_class": tax_class, "country": place.country, "region": place.region, "buyer": place.buyer, "at": moment, "table": self.name}
        return Refusal("tax_rule_missing", f"the tax table {self.name} rules nothing for {tax_class} in {told} at {moment}", facts)


def _starts(rule: TaxRule) -> datetime:
    return rule.valid.start or _EARLIEST


def _told(place: TaxPlace) -> str:
    where = place.region or place.country or "any place"
    return f"{where} for {place.buyer} buyers" if place.buyer else where
