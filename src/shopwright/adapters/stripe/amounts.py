"""Amounts on the wire of Stripe: whole numbers, in a smallest unit that is not always the one of ISO 4217.

Rules
- a currency that Stripe counts in whole units (`WHOLE`) is sent so, also where ISO gives it decimals (MGA): it then has a step;
- ISK and UGX have no decimals, and are still sent as hundredths (`AS_HUNDREDTHS`);
- a currency of three decimals is sent in thousandths that end in 0: it has a step of 10;
- an amount that does not fit is an error, never rounded.
"""

from __future__ import annotations

from typing import Any, Final

from shopwright.money import Money, exponent
from shopwright.payments.errors import Indeterminate, InvalidRequest

WHOLE: Final = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
AS_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})
THOUSANDTHS: Final = frozenset("BHD JOD KWD OMR TND".split())

CURRENCIES: Final = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD "
    "EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
    "SCR SEK SGD SHP SLE SOS SRD STN SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW".split()
)
"""What Stripe takes from buyers. Which of them an account takes depends on where it is."""

MINIMA: Final = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50,
    "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
"""The smallest payments, in minor units of ISO, of an account that settles in the same currency."""


def places(currency: str) -> int:
    """How many decimals the amounts on the wire have."""
    if currency in AS_HUNDREDTHS:
        return 2
    if currency in THOUSANDTHS:
        return 3
    return 0 if currency in WHOLE else 2


def step(currency: str) -> int:
    """Amounts at the port are multiples of so many minor units."""
    return 10 if currency in THOUSANDTHS else 10 ** max(0, exponent(currency) - places(currency))


STEPS: Final = {code: step(code) for code in CURRENCIES if step(code) > 1}


def to_wire(amount: Money) -> int:
    """The amount as Stripe counts it. Raises `InvalidRequest` for one that Stripe has no number for."""
    if amount.minor % step(amount.currency):
        raise InvalidRequest(f"amounts in {amount.currency} are multiples of {step(amount.currency)} minor units at Stripe, got {amount}")
    shift = places(amount.currency) - exponent(amount.currency)
    return int(amount.minor * 10**shift if shift >= 0 else amount.minor // 10**-shift)


def from_wire(number: Any, currency: Any) -> Money:
    """The amount that Stripe tells. Raises `Indeterminate` for what is none, and for parts of our smallest unit."""
    if type(number) is not int or not isinstance(currency, str):
        raise Indeterminate(f"expected a whole number and a currency from Stripe, got {str(number)[:40]!r} {str(currency)[:10]!r}", raw_code="amount")
    code = currency.upper()
    shift = exponent(code) - places(code)
    if shift < 0 and number % 10**-shift:
        raise Indeterminate(f"Stripe tells {number} of {code} with {places(code)} decimals; it has {exponent(code)}", raw_code="amount")
    return Money(number * 10**shift if shift >= 0 else number // 10**-shift, code)
