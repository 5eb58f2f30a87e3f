"""Which goods may come back, for how long and for what: rules as values, in a visible order, the first that fits counts.

    ReturnTerms(rules=(
        ReturnRule(name="underwear", categories={"underwear"}, whys={Why.DEFECTIVE, Why.DAMAGED, Why.WRONG_GOODS, Why.NOT_AS_DESCRIBED}),
        ReturnRule(name="quality", whys=QUALITY, window=timedelta(days=730)),
        ReturnRule(name="fourteen_days", window=timedelta(days=14), fee=500, shop_pays_return=False),
    ))

Rules
- RETURN-3: a wish is taken on by the first rule that names its goods and its reason; goods that rules name, none of them for this reason, are a
  final sale as far as that goes, and goods that no rule names at all cannot come back;
- RETURN-4: a window is counted from the last delivery of the line, its last moment in it; for goods that never came it has not begun;
- what a rule says of the fee and of who pays the way back is frozen on the case.

Refusal codes: `return_not_offered`, `return_final_sale`, `return_window_over`, `return_resolution_not_offered`, `return_evidence_missing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import field, frozen

from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.refusals import Fact, Refusal
from shopwright.returns.events import LineTerms
from shopwright.returns.words import QUALITY, Granted, Resolution, Why, Wish

EVERY_WHY = frozenset(Why)
EVERY_RESOLUTION = frozenset(Resolution) - {Resolution.REJECT}


@frozen(kw_only=True)
class GoodsFacts:
    """What rules look at of the goods of a line: its sku, the categories that it is in, their parents among them, and what one unit cost."""

    sku: str
    categories: frozenset[str] = frozenset()
    unit_price: int = 0


def _texts(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


def _whys(given: Iterable[Why]) -> frozenset[Why]:
    return frozenset(given)


def _resolutions(given: Iterable[Resolution]) -> frozenset[Resolution]:
    return frozenset(given)


@frozen(kw_only=True)
class ReturnRule:
    """One rule, by its name. Empty `categories` and `skus` fit all goods. `window=None` is for ever.

    `fee` is what the shop keeps of a refund, in basis points. Goods of less than `keep_below` minor units a unit stay with the customer. A case of
    less than `approve_below` minor units is approved without a person. `evidence` asks for something to be shown where a reason is the shop's to
    answer for.
    """

    name: str = field(validator=text(least=1, most=60))
    categories: frozenset[str] = field(default=frozenset(), converter=_texts)
    skus: frozenset[str] = field(default=frozenset(), converter=_texts)
    whys: frozenset[Why] = field(default=EVERY_WHY, converter=_whys)
    window: timedelta | None = field(default=timedelta(days=14), validator=maybe(of(timedelta)))
    resolutions: frozenset[Resolution] = field(default=EVERY_RESOLUTION, converter=_resolutions)
    fee: int = field(default=0, validator=whole(least=0, most=10_000))
    shop_pays_return: bool = field(default=True, validator=of(bool))
    keep_below: int = field(default=0, validator=whole(least=0))
    approve_below: int = field(default=0, validator=whole(least=0))
    evidence: bool = field(default=False, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        if self.window is not None and self.window < timedelta(0):
            raise InvalidValue(f"return rule {self.name!r} has a window of {self.window}; expected zero or more, or None for no end")
        for what, values, kind in (("whys", self.whys, Why), ("resolutions", self.resolutions, Resolution)):
            if strange := sorted(str(it) for it in values if not isinstance(it, kind)):
                raise InvalidValue(f"return rule {self.name!r} has {what} of type {kind.__name__}; got {', '.join(strange)}")
        if Resolution.REJECT in self.resolutions:
            raise InvalidValue(f"return rule {self.name!r} offers reject, which is no offer; leave it out of resolutions")

    def names(self, goods: GoodsFacts) -> bool:
        """Whether it is about these goods."""
        if not self.categories and not self.skus:
            return True
        return goods.sku in self.skus or not self.categories.isdisjoint(goods.categories)


@frozen(kw_only=True)
class ReturnTerms:
    """What a shop lets come back. `answer_within` is how long a customer may take to answer, `send_within` to send goods that were approved."""

    rules: tuple[ReturnRule, ...] = field(factory=lambda: (ReturnRule(name="fourteen_days"),), validator=members(ReturnRule))
    answer_within: timedelta = field(default=timedelta(days=14), validator=of(timedelta))
    send_within: timedelta = field(default=timedelta(days=14), validator=of(timedelta))

    def __attrs_post_init__(self) -> None:
        if self.answer_within <= timedelta(0) or self.send_within <= timedelta(0):
            raise InvalidValue(f"return terms need more than zero for answer_within and send_within; got {self.answer_within}, {self.send_within}")
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise InvalidValue(f"return terms name each rule once; got {', '.join(names)}")


def judged(terms: ReturnTerms, wish: Wish, goods: GoodsFacts, *, since: datetime | None, at: datetime) -> ReturnRule | Refusal:
    """The rule that takes a wish on (RETURN-3). `since` is when its window begins; without it, it has not begun."""
    about = [rule for rule in terms.rules if rule.names(goods)]
    facts: dict[str, Fact] = {"line_no": wish.line_no, "sku": goods.sku, "why": wish.why.value}
    if not about:
        return Refusal("return_not_offered", f"{goods.sku} cannot be sent back", facts)
    fitting = next((rule for rule in about if wish.why in rule.whys), None)
    if fitting is None:
        return Refusal("return_final_sale", f"{goods.sku} is a final sale: it is not taken back because of {wish.why.value}", facts)
    if fitting.window is not None and since is not None and at > since + fitting.window:
        until = since + fitting.window
        told = {**facts, "rule": fitting.name, "until": until.isoformat()}
        return Refusal("return_window_over", f"{goods.sku} could be sent back for {wish.why.value} until {until.isoformat()}", told)
    if wish.resolution not in fitting.resolutions:
        offered = ", ".join(sorted(it.value for it in fitting.resolutions))
        told = {**facts, "rule": fitting.name, "wanted": wish.resolution.value, "offered": offered}
        return Refusal("return_resolution_not_offered", f"{wish.resolution.value} is not offered for line {wish.line_no}; {offered} is", told)
    if fitting.evidence and wish.why in QUALITY and not wish.evidence:
        told = {**facts, "rule": fitting.name}
        return Refusal("return_evidence_missing", f"line {wish.line_no} needs something that shows it is {wish.why.value}: a photo, say", told)
    return fitting


def frozen_terms(rule: ReturnRule, wish: Wish) -> LineTerms:
    """What a rule says of a wish, for the case; nobody pays a fee, or the way back, for what is the shop's to answer for."""
    fault = wish.why in QUALITY
    return LineTerms(rule=rule.name, fee=0 if fault else rule.fee, shop_pays_return=fault or rule.shop_pays_return)


def granted_by(rule: ReturnRule, no: int, wish: Wish, goods: GoodsFacts) -> Granted | None:
    """What a rule grants for a wish without a person, apart from whether it may; `None` for what only a person can put a number to."""
    if wish.resolution in (Resolution.PARTIAL_REFUND, Resolution.POINTS):
        return None
    back = wish.returns and goods.unit_price >= rule.keep_below
    return Granted(no=no, resolution=wish.resolution, goods_back=back, sku=wish.sku)


def approved_by_itself(rules: Iterable[ReturnRule], worth: int) -> bool:
    """Whether every rule that a case was taken on by lets one of this worth, in minor units, pass without a person."""
    return all(worth < rule.approve_below for rule in rules)
