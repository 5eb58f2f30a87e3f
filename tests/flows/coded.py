"""A shop whose customers type codes: a promotion for holders of single-use codes, one for a word, and who is limited in trying."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import Money, PlaceOrder, customer
from shopwright.promotions.code_attempts import Attempts
from shopwright.promotions.code_batches import CodeBatch, code_at, following
from shopwright.promotions.code_books import CodeBook
from shopwright.promotions.code_desks import CodeDesk
from shopwright.promotions.codes import SHARED, CodePattern, Uses
from shopwright.promotions.conditions import Code
from shopwright.promotions.effects import AcrossOff
from shopwright.promotions.promotion import Promotion
from tests.flows.mall import an_order

FIVE = Promotion(id="five", effects=(AcrossOff(Money(500, "EUR")),), title="Five off for friends")
TWO = Promotion(id="two", effects=(AcrossOff(Money(200, "EUR")),), when=Code("HELLO"))
ONCE = CodeBatch(id="once", pattern=CodePattern(prefix="FIVE"), count=100, key=bytes(range(32)), promotion="five")
ANNS = CodeBatch(id="anns", pattern=CodePattern(prefix="MINE"), count=1, key=bytes(range(32)), promotion="five", members=("ann",))
TWICE = CodeBatch(id="twice", pattern=CodePattern(prefix="TWICE"), count=1, key=bytes(range(32)), promotion="five", uses=Uses(2))
OPEN = CodeBatch(id="open", pattern=CodePattern(prefix="OPEN"), count=1, key=bytes(range(32)), promotion="five", uses=SHARED)
BOOK = CodeBook((ONCE, ANNS, TWICE, OPEN))
CODE, OTHER = code_at(ONCE, 0), code_at(ONCE, 1)
NEVER = code_at(following(ONCE, id="never", count=1), 0)
CODED = {"promotions": (FIVE, TWO), "codes": BOOK}


class Limiter:
    """So many wrong codes an hour for each subject, kept in memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.attempts: dict[str, Attempts] = {}

    def allow(self, subject: str, *, at: Any) -> bool:
        """Whether another one may be tried."""
        return self.attempts.get(subject, Attempts(limit=self.limit)).allows(at)

    def failed(self, subject: str, *, at: Any) -> None:
        """One more that was wrong."""
        self.attempts[subject] = self.attempts.get(subject, Attempts(limit=self.limit)).after(at)


def limited_to(attempts: int) -> dict[str, Any]:
    """The same shop behind a limiter."""
    return {**CODED, "codes": CodeDesk(BOOK, Limiter(attempts))}


def a_coded_order(*codes: str, key: str = "o1", buyer: str = "ann", total: int = 4400, coupon: str = "") -> PlaceOrder:
    """Two teas and a cup with these codes, one that is good once if none is named."""
    command = an_order(key=key)
    cart = evolve(command.cart, codes=codes or (CODE,), coupon_code=coupon)
    return evolve(command, buyer_id=buyer, by=customer(buyer), cart=cart, tenders=(evolve(command.tenders[0], amount=total),))
