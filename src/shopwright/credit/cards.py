"""The codes of gift cards: made from a secret and a serial, so that nobody has to keep them, and known by a keyed hash alone.

    code = card_code(cards, "order_7/1/1")           GIFT-7KQ2-M9XA-...
    card_id(cards, "gift 7kq2 m9xa ...")             "gift_card/..."

Rules
- CARDS-1: the same serial has the same code, so a code is made anew for who may see it, and never stored;
- CARDS-2: a card is found by a keyed hash of its code: who has the database, and not the key, can neither spend a card nor try codes out;
- CARDS-3: what an order keeps of a card is a pass: it vouches that somebody knew the code, for one buyer alone, and gives no code away;
- hashes are written in letters alone, so that none of them is taken for the number of a card;
- codes of another key are other codes: keep the key as long as cards are good.

Refusals

| code | condition | facts |
|---|---|---|
| `card_mistyped` | not of the form of the codes: `reason` is `prefix`, `length`, `letter` or `check` | `reason`, maybe `position` |
"""

from __future__ import annotations

from hashlib import blake2b
from hmac import compare_digest

from shopwright.credit.programs import GiftCards
from shopwright.promotions.codes import read_code
from shopwright.refusals import Refusal

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def card_code(cards: GiftCards, serial: str) -> str:
    """The code of a serial, as it is printed (CARDS-1)."""
    number = int.from_bytes(blake2b(serial.encode(), key=cards.key, digest_size=32, person=b"gift card code").digest(), "big")
    return cards.pattern.write(cards.pattern.spell(number % cards.pattern.space))


def card_id(cards: GiftCards, typed: str) -> str | Refusal:
    """The id of the card whose code was typed, whether there is one or not. Refused with `card_mistyped`."""
    code = read_code(cards.pattern, typed)
    if isinstance(code, Refusal):
        facts = {name: fact for name, fact in code.facts if name != "coupon"}
        return Refusal("card_mistyped", f"the code of the card is mistyped; what is wrong is the {code.fact('reason')}", facts)
    return f"{cards.id}/{_hashed(cards, code, b'gift card id')}"


def card_pass(cards: GiftCards, card_id: str, buyer_id: str) -> str:
    """What stands for a code in a tender of this buyer (CARDS-3)."""
    return f"{card_id}/{_hashed(cards, f'{card_id}/{buyer_id}', b'gift card pass')}"


def card_of(cards: GiftCards, source: str, buyer_id: str) -> str:
    """The id of the card that a pass is for; empty for what is no pass of this buyer."""
    id = source.rpartition("/")[0]
    return id if compare_digest(source.encode(), card_pass(cards, id, buyer_id).encode()) else ""


def ending(code: str) -> str:
    """The last letters of a code, by which somebody knows their card again."""
    return code.replace("-", "")[-4:]


def _hashed(cards: GiftCards, told: str, person: bytes) -> str:
    return blake2b(told.encode(), key=cards.key, digest_size=20, person=person).hexdigest().translate(_LETTERS)
