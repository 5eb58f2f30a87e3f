"""How a shop judges payments: by which rules, under which keys their links are kept, and which engines outside it asks before.

A `RiskEngine` scores one payment. A flow asks it before anything is written, with a deadline, and no transaction is open meanwhile; what it said
stands in the decision (`RiskAssessed.scores`), and a rule weighs it (`ScoreAbove`). What becomes of a payment when it says nothing is said
beforehand: `IfUnscored`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import identifier, members, of
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.risk.context import PaymentContext
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.rules import RiskPolicy

API_VERSION = 1
"""The version of this port; an adapter names the one it was written for."""

LEAST_KEY = 16
"""A key for links has at least so many bytes."""


@frozen(kw_only=True)
class RiskRequest:
    """One payment that is about to be started. `key` names it, and stays the same when it is tried again; `facts` are what the rules see, with opaque
    links; `context` is what the app told, as it told it.
    """

    key: str = field(validator=identifier())
    amount: Money = field(validator=of(Money))
    facts: RiskFacts = field(validator=of(RiskFacts))
    context: PaymentContext = field(validator=of(PaymentContext), repr=False)


@runtime_checkable
class RiskEngine(Protocol):
    """Somebody outside who scores payments, seen with one account. Safe to share between threads."""

    @property
    def name(self) -> str:
        """A slug (`[a-z][a-z0-9_]*`) that rules name it by, and that stands in stored decisions."""
        ...

    @property
    def api_version(self) -> int:
        """The `API_VERSION` that this adapter was written for."""
        ...

    def score(self, request: RiskRequest, *, deadline: timedelta) -> int:
        """How doubtful a payment is, on a scale of the engine's own, the more the higher.

        Raises `NotSent`, `Throttled`, `Indeterminate` (no answer within the deadline) or `Misconfigured`.
        """
        ...


class IfUnscored(StrEnum):
    """What becomes of a payment when an engine says nothing, or something that is no score."""

    PASS = "pass"  # noqa: S105  # no secret
    """The rules decide without; those that ask for its score cannot tell."""
    REVIEW = "review"
    """The same, and what the rules would allow a person looks at."""
    REFUSE = "refuse"
    """Nothing is asked of the gateway: `payment_unjudged`."""


_SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}")


def _is_engine(_: Any, __: Any, value: Any) -> None:
    name = getattr(value, "name", None)
    if isinstance(value, type) or not callable(getattr(value, "score", None)):
        raise InvalidValue(f"AskedEngine.engine must be a risk engine with name, api_version and score, got {value!r}")
    if not isinstance(name, str) or not _SLUG.fullmatch(name):
        raise InvalidValue(f"the name of a risk engine is a letter and up to 59 more of a-z, 0-9 and _; got {name!r} from {value!r}")
    version = getattr(value, "api_version", None)
    if version != API_VERSION:
        raise InvalidValue(f"the risk engine {name} was written for version {version} of the port; this release has version {API_VERSION}")


@frozen(kw_only=True)
class AskedEngine:
    """An engine that a shop asks, how long it has for an answer, and what becomes of a payment without one. Raises `InvalidValue`."""

    engine: RiskEngine = field(validator=_is_engine)
    deadline: timedelta = field(default=timedelta(seconds=2), validator=of(timedelta))
    if_unscored: IfUnscored = field(default=IfUnscored.PASS, validator=of(IfUnscored))

    def __attrs_post_init__(self) -> None:
        if self.deadline <= timedelta(0):
            raise InvalidValue(f"AskedEngine.deadline must be above zero, got {self.deadline}")


Policies = tuple[tuple[str, RiskPolicy], ...]


def _by_currency(given: Mapping[str, RiskPolicy] | Iterable[tuple[str, RiskPolicy]]) -> Policies:
    try:
        return tuple(sorted(dict(given).items(), key=lambda pair: pair[0]))
    except (TypeError, ValueError):
        raise InvalidValue(f"expected policies by currency, such as {{'EUR': RiskPolicy(...)}}, got {type(given).__name__}") from None


def _names(given: Collection[str]) -> frozenset[str]:
    if isinstance(given, str):
        raise InvalidValue(f"expected the names of gateways, such as {{'points'}}, got {given!r}")
    return frozenset(given)


def _policies(_: Any, __: Any, value: Policies) -> None:
    if not value:
        raise InvalidValue("a shop that judges payments needs a policy for each currency that it sells in, got none")
    for currency, policy in value:
        Money(0, currency)
        if not isinstance(policy, RiskPolicy):
            raise InvalidValue(f"expected a RiskPolicy for {currency}, got {type(policy).__name__}")


def _keys(_: Any, __: Any, value: tuple[bytes, ...]) -> None:
    members(bytes)(_, __, value)
    if any(len(key) < LEAST_KEY for key in value):
        raise InvalidValue(f"a key for links has at least {LEAST_KEY} bytes, such as secrets.token_bytes(32)")


@frozen(kw_only=True)
class Risk:
    """How a shop judges payments: `policies` by currency, whose amounts are minor units of it.

    Links are kept as keyed hashes under `keys`, the current one first; the others still find what is older. Without keys the shop's vault makes
    them. `engines` are asked before. `unjudged` names gateways of whose payments nothing is judged, such as those of store credit; that of the points
    program is always among them. Raises `InvalidValue`.
    """

    policies: Policies = field(converter=_by_currency, validator=_policies)
    keys: tuple[bytes, ...] = field(default=(), validator=_keys, repr=False)
    engines: tuple[AskedEngine, ...] = field(default=(), validator=members(AskedEngine))
    unjudged: frozenset[str] = field(default=frozenset(), converter=_names)

    def __attrs_post_init__(self) -> None:
        names = [asked.engine.name for asked in self.engines]
        if twice := {name for name in names if names.count(name) > 1}:
            raise InvalidValue(f"each risk engine needs a name of its own, got {', '.join(sorted(twice))} more than once")

    def policy(self, currency: str) -> RiskPolicy:
        """The rules for payments in this currency. Raises `InvalidValue` where there are none: nothing is let through unjudged."""
        for known, policy in self.policies:
            if known == currency:
                return policy
        told = ", ".join(known for known, _ in self.policies)
        raise InvalidValue(f"this shop judges payments in {told}, got one in {currency}; give Risk a policy for {currency}")
