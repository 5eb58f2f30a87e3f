"""What money a shop keeps for people, and by which rules: store credit of members, and gift cards.

    CreditTerms(
        store=StoreCredit(currencies=("EUR",), expires=ExpiresAfter("Europe/Berlin", months=36)),
        cards=GiftCards(currencies=("EUR",), key=KEY, goods=("CARD50",), limiter=limiter),
    )

Rules
- a program is a name in the books, a gateway by which orders are paid with it, and a rule when its money lapses;
- the code of a card is hard to guess, or the program is not made: one guess in 10 to the 12 hits a million cards;
- whoever has the key of the cards has every card: it stays out of `repr`, and belongs where the shop's other secrets are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from shopwright.edges import MOST, identifier, maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import ExpiresAfter, ExpiresOn, Expiry, expires_at
from shopwright.promotions.code_attempts import AttemptLimiter
from shopwright.promotions.codes import CodePattern

LEAST_SPACE = 10**18

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def _name(instance: Any, attribute: Any, value: Any) -> None:
    identifier(most=40)(instance, attribute, value)
    if not _NAME.fullmatch(value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a letter and up to 39 more of a-z, 0-9 and _, got {value!r}")


def _currencies(instance: Any, attribute: Any, value: Any) -> None:
    members(str, least=1)(instance, attribute, value)
    if wrong := [it for it in value if not _CURRENCY.fullmatch(it)]:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be codes of currencies, such as EUR, got {wrong[0]!r}")


def _span(instance: Any, attribute: Any, value: Any) -> None:
    of(timedelta)(instance, attribute, value)
    if value <= timedelta(0):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a timedelta above zero, got {value!r}")


def _tuple(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidValue(f"expected several texts in a tuple, got the one text {given!r}")
    return tuple(given)


def _key(instance: Any, attribute: Any, value: Any) -> None:
    of(bytes)(instance, attribute, value)
    # The value is a secret: the message names its length at most.
    if not 16 <= len(value) <= 64:
        raise InvalidValue(f"GiftCards.key must be 16 to 64 bytes, got {len(value)} of them; make one with secrets.token_bytes(32)")


def _limiter(instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and not (callable(getattr(value, "allow", None)) and callable(getattr(value, "failed", None))):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have allow and failed, as AttemptLimiter, got {type(value).__name__}")


@frozen(kw_only=True)
class CreditProgram:
    """What programs have in common: `id` in the books, `gateway` by which orders are paid, and the `currencies` that it is kept in.

    Money lapses as `expires` says, or never. What an order only promises is held for `hold_for`; money that comes back after its time can be
    spent for `reinstate` from then on, and without it is written off as it comes.
    """

    id: str = field(validator=_name)
    gateway: str = field(validator=_name)
    currencies: tuple[str, ...] = field(converter=_tuple, validator=_currencies)
    expires: Expiry | None = field(default=None, validator=maybe(of(ExpiresAfter, ExpiresOn)))
    hold_for: timedelta = field(default=timedelta(days=30), validator=_span)
    reinstate: timedelta | None = field(default=timedelta(days=30), validator=maybe(_span))

    def lapses(self, since: datetime) -> datetime | None:
        """When money that comes in at this moment lapses; `None` for never."""
        return expires_at(self.expires, since)


@frozen(kw_only=True)
class StoreCredit(CreditProgram):
    """Money that members have with the shop: one account for each member and currency."""

    id: str = field(default="store_credit", validator=_name)
    gateway: str = field(default="store_credit", validator=_name)


@frozen(kw_only=True)
class GiftCards(CreditProgram):
    """Cards with a balance, which are whose the code is. `key` is the secret that fixes the codes: `secrets.token_bytes(32)`.

    `goods` are the skus by which cards are sold, each unit a card worth its unit price before discounts. A card is worth `most` at most, in
    minor units. The `limiter` says how often somebody may look for a card that is not there; without one nobody does.
    Raises `InvalidValue` for codes that are too easy to guess.
    """

    id: str = field(default="gift_card", validator=_name)
    gateway: str = field(default="gift_card", validator=_name)
    key: bytes = field(validator=_key, repr=False)
    pattern: CodePattern = field(default=CodePattern(prefix="GIFT", length=16), validator=of(CodePattern))
    goods: tuple[str, ...] = field(default=(), converter=_tuple, validator=members(str))
    most: int = field(default=MOST, validator=whole(least=1, most=MOST))
    limiter: AttemptLimiter | None = field(default=None, validator=_limiter, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.pattern.space < LEAST_SPACE:
            raise InvalidValue(f"codes of {self.pattern.length} letters are too easy to guess for money; take a length of 13 or more")


@frozen(kw_only=True)
class CreditTerms:
    """The money that a shop keeps: store credit, gift cards, or both. Raises `InvalidValue` for none, and for two of one name."""

    store: StoreCredit | None = field(default=None, validator=maybe(of(StoreCredit)))
    cards: GiftCards | None = field(default=None, validator=maybe(of(GiftCards)))

    def __attrs_post_init__(self) -> None:
        if not self.programs:
            raise InvalidValue("expected store credit, gift cards or both, got neither")
        if self.store and self.cards and (self.store.id == self.cards.id or self.store.gateway == self.cards.gateway):
            raise InvalidValue(f"expected programs of different names and gateways, got {self.store.id} and {self.cards.id}")

    @property
    def programs(self) -> tuple[CreditProgram, ...]:
        """The programs that there are."""
        return tuple([it for it in (self.store, self.cards) if it is not None])
