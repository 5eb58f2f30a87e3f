"""Notifications that are not what the provider has sent, to whom, when and as it has sent them: refused, or without any effect; and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.simulators import Simulation
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import BODY_LIMIT, RawNotification
from shopwright.ports.gateway import PaymentGateway
from tests.checkout.heard import Hearer, Lived, later, lived
from tests.checkout.world import GATEWAYS

Raws = Iterator[RawNotification]


@pytest.fixture(scope="module", params=GATEWAYS)
def told(request: pytest.FixtureRequest) -> Iterator[Lived]:
    with lived(request.param) as found:
        yield found


# What is done to a genuine notification.

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


def suffered(hearer: Hearer, raws: Raws, name: str) -> Counter[str]:
    """How many were refused and how many were harmless; all that changed anything fail."""
    before, moved, count = hearer.order, hearer.lived.simulation.moved(), Counter[str]()
    for raw in raws:
        try:
            hearer.shop.payments.receive(name, raw)
        except BadNotification:
            count["refused"] += 1
        else:
            count["harmless"] += 1
        assert hearer.order == before
    assert hearer.lived.simulation.moved() == moved
    return count


def asked(told: Lived) -> Hearer:
    hearer = told.hearer()
    hearer.pay()
    hearer.clock.set(told.clock.now())
    return hearer


@pytest.mark.parametrize("attack", sorted(FORGED))
def test_what_was_changed_weakened_or_kept_for_later_is_refused(told: Lived, attack: str, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    count = Counter[str]()
    for raw in told.pushed:
        count += suffered(hearer, FORGED[attack](raw), name)

    assert count["harmless"] == 0
    assert count["refused"] or (attack, name) in NOTHING_TO_CHANGE
    record_property("refused_notifications", count["refused"])


def test_what_is_for_another_merchant_is_refused(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    stranger = told.hearer()
    stranger.shop.ports.gateways[name]._gateway = _of_another(told.simulation)
    stranger.pay()
    for raw in told.pushed:
        before = stranger.order
        with pytest.raises(BadNotification):
            stranger.shop.payments.receive(name, raw)
        assert stranger.order == before
    assert set(hearer.hear(told.pushed)) <= {200, 204, 500, 503}, "they are genuine for their own merchant"
    record_property("refused_notifications", len(told.pushed))


def _of_another(simulation: Simulation) -> PaymentGateway:
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


def test_what_comes_again_while_it_is_fresh_is_harmless(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    hearer.reconnect()
    hearer.hear(told.pushed)
    hearer.hear(told.pushed)
    count = Counter[str]()
    for raw in told.pushed:
        count += suffered(hearer, replayed(raw), name)

    assert (count["refused"], count["harmless"]) == (0, 5 * len(told.pushed))
    assert hearer.amounts == told.truth
    record_property("harmless_notifications", count["harmless"])


def test_what_another_provider_has_sent_is_refused(told: Lived, record_property: Any) -> None:
    hearer, count = asked(told), 0
    for other in GATEWAYS:
        if other == told.simulation.name:
            continue
        with lived(other) as theirs:
            found = suffered(hearer, iter(theirs.pushed), told.simulation.name)
        assert found["harmless"] == 0
        count += found["refused"]
    record_property("refused_notifications", count)


def test_headers_and_body_of_two_notifications_do_not_fit_each_other(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    pushed = told.pushed
    mixed = [evolve(one, headers=other.headers) for one in pushed for other in pushed if one.headers != other.headers and one.body != other.body]
    count = suffered(hearer, iter(mixed), name)

    assert count["harmless"] == 0
    record_property("refused_notifications", count["refused"])
