"""What an attacker does to a genuine notification before a shop hears it: changes, weakens, keeps and swaps it, or brings it to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve

from shopwright.adapters.simulators import Simulation
from shopwright.payments.notifications import BODY_LIMIT, RawNotification
from shopwright.ports.gateway import PaymentGateway
from tests.checkout.heard import later

Raws = Iterator[RawNotification]

DOWNGRADES = (
    ("RSA2", "RSA"),
    ("v1=", "v0="),
    ("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-RSA2048-SHA1"),
    ("AEAD_AES_256_GCM", "AEAD_AES_128_GCM"),
)

OPTIONAL = frozenset({"wechatpay-signature-type"})
"""Headers without which the signature is what it always was."""

NOTHING_TO_CHANGE = {("resigned", "alipay")}
"""The signature of Alipay is in the form, and no header vouches for it."""


def tampered(raw: RawNotification) -> Raws:
    """One bit of the body, everywhere; bytes cut off, put on, swapped."""
    for place in range(0, len(raw.body), max(1, len(raw.body) // 60)):
        yield evolve(raw, body=raw.body[:place] + bytes([raw.body[place] ^ 1]) + raw.body[place + 1 :])
    yield from (evolve(raw, body=body) for body in (b"", raw.body[:-1], raw.body + b"\n", raw.body[::-1], b"x" * (BODY_LIMIT + 1)))


def resigned(raw: RawNotification) -> Raws:
    """Headers that vouch for it changed, taken away, or there twice."""
    for number, (name, value) in enumerate(raw.headers):
        if name.lower() in {"content-type", "host", "accept", "user-agent", "content-length"}:
            continue
        others = raw.headers[:number] + raw.headers[number + 1 :]
        if name.lower() not in OPTIONAL:
            yield evolve(raw, headers=others)
        yield evolve(raw, headers=(*others, (name, value), (name, value)))
        for place in range(0, len(value), max(1, len(value) // 12)):
            yield evolve(raw, headers=(*others, (name, value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :])))


def downgraded(raw: RawNotification) -> Raws:
    """The same under a weaker name of what signs it."""
    for strong, weak in DOWNGRADES:
        headers = tuple((name, value.replace(strong, weak)) for name, value in raw.headers)
        body = raw.body.replace(strong.encode(), weak.encode())
        if (headers, body) != (raw.headers, raw.body):
            yield evolve(raw, headers=headers, body=body)


def stale(raw: RawNotification) -> Raws:
    """The very bytes, long after they were sent, or before."""
    yield from (later(raw, minutes=minutes) for minutes in (31, -31, 60, 60 * 24, 60 * 24 * 365))


def replayed(raw: RawNotification) -> Raws:
    """The very bytes again, while they are fresh."""
    yield from [raw] * 5


FORGED: dict[str, Callable[[RawNotification], Raws]] = {"tampered": tampered, "resigned": resigned, "downgraded": downgraded, "stale": stale}


def mixed(pushed: Sequence[RawNotification]) -> Raws:
    """Headers of one with the body of another."""
    for one in pushed:
        yield from (evolve(one, headers=other.headers) for other in pushed if one.headers != other.headers and one.body != other.body)


def of_another(simulation: Simulation) -> PaymentGateway:
    """A gateway that shares every secret with the one that is told, and has another account."""
    gateway: Any = simulation.gateway()
    accounts = {
        "fake": {"merchant_account": "somebody_else"},
        "alipay": {"seller_id": "2088999999999999"},
        "wechat": {"merchant_id": "1900000999"},
        "stripe": {"account": "acct_somebody"},
    }
    settings = evolve(gateway.settings, **accounts[simulation.name])
    other: PaymentGateway = type(gateway)(gateway.provider, settings=settings) if simulation.name == "fake" else type(gateway)(settings)
    return other
