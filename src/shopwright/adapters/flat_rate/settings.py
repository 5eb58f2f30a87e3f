"""What a shop agreed with its flat-rate carrier: the price, where it goes, and the secrets between them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.adapters.signatures import TOLERANCE
from shopwright.edges import Pairs, fact_pairs, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money


class Per(StrEnum):
    """What the rate is paid for."""

    ORDER = "order"
    PARCEL = "parcel"


def _not_negative(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, Money) or value.minor < 0:
        raise InvalidValue(f"a flat rate is an amount of money, zero or more, got {value!r}")


@frozen(kw_only=True)
class Tariff:
    """One price for everywhere the carrier goes. `countries` of `None` means everywhere, `valid_for` of `None` a rate without end.

    With `returns` it takes goods back to the shop as well, at the same price.
    """

    rate: Money = field(validator=_not_negative)
    per: Per = field(default=Per.ORDER, converter=Per)
    service: str = field(default="standard", validator=text(least=1))
    min_days: int | None = field(default=2, validator=maybe(whole(least=0)))
    max_days: int | None = field(default=5, validator=maybe(whole(least=0)))
    countries: frozenset[str] | None = None
    max_weight_g: int | None = field(default=30_000, validator=maybe(whole(least=1)))
    volumetric_divisor: int | None = field(default=None, validator=maybe(whole(least=1)))
    valid_for: timedelta | None = field(default=None, validator=maybe(of(timedelta)))
    returns: bool = field(default=True, validator=of(bool))


@frozen(kw_only=True)
class FlatRateSettings(HoldsSecrets):
    """The secrets: one seals the references of rates, the others (name, secret) sign what the carrier pushes, the first of them now."""

    rate_secret: str = field(default="rates_0123456789abcdef", validator=text(least=16), repr=False)
    signing_keys: Pairs = field(default=(("k1", "pushes_0123456789abcdef"),), validator=[members(tuple, least=1), fact_pairs], repr=False)
    tolerance: timedelta = field(default=TOLERANCE, validator=of(timedelta))
