"""How a price came about, as data: one entry for each step that was taken, in the order they were taken.

Rules
- the trace *is* the calculation: a quote is made from the entries and from nothing else, so the two cannot disagree;
- an entry says what the step did, why, under which version of which rule, and how it rounded; a step that did nothing says why not;
- `before + amount == after`, the parts sum to the amount, and each entry begins where the last one ended.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from shopwright.money import Money, exponent
from shopwright.refusals import Fact


# Not slotted: a frozen value with a plain dict is made in half the time, and making values is most of the cost of a price.
@frozen(slots=False)
class TraceStep:
    """What one step did to the price; all amounts are minor units.

    `step` names the step and `code` its outcome. `parts` are the changes line by line, empty where no line changed; `line_no` is
    the line an entry is about, 0 for the whole cart. `facts` are what the rule was given, enough to apply it again.
    """

    step: str
    code: str
    before: int
    amount: int
    after: int
    parts: tuple[int, ...] = ()
    rule: str = ""
    rule_version: int = 0
    rounding: str = ""
    note: str = ""
    facts: tuple[tuple[str, Fact], ...] = ()
    line_no: int = 0

    def fact(self, name: str, default: Fact = 0) -> Fact:
        """The fact of this name, or the default where the rule was not given it."""
        return dict(self.facts).get(name, default)


_WORDS = {
    ("list_prices", "listed"): "list prices: {amount}",
    ("price_list", "listed"): "price list {rule}: {unit} for each {sku} of line {line_no}, from {from} on",
    ("price_list", "own"): "price list: none has a price for {sku} of line {line_no}, which has its own",
    ("member_price", "fixed"): "member price {rule} (version {rule_version}), {units}: {amount}",
    ("member_price", "percent"): "member price {rule} (version {rule_version}), {percent} off each of {units}, rounded {rounding}: {amount}",
    ("member_price", "unknown"): "member price {rule} (version {rule_version}): not looked at, for the {needs} of the buyer is not known",
    ("catalog_price", "fixed"): "catalog price {rule} (version {rule_version}), {units}: {amount}",
    ("catalog_price", "percent"): "catalog price {rule} (version {rule_version}), {percent} off each of {units}, rounded {rounding}: {amount}",
    ("catalog_price", "unknown"): "catalog price {rule} (version {rule_version}): not looked at, for it is not known who buys",
    ("catalog_price", "short"): "catalog price {rule} (version {rule_version}): for {left} of {wanted} units, the others have their ordinary price",
    ("catalog_price", "exhausted"): "catalog price {rule} (version {rule_version}): not taken, {wanted} wanted and {left} left",
    ("promotions", ""): "promotions: chosen by {code}, {nodes} sets looked at",
    ("promotion", ""): "promotion {rule} (version {rule_version}), {code}: {amount}",
    ("shipping_promotion", ""): "promotion {rule} (version {rule_version}), {code} off shipping: {amount}",
    ("code", "claimed"): "code {rule}: claims promotion {promotion}",
    ("code", ""): "code {rule}: not taken, {note}",
    ("gift", "given"): "promotion {rule} (version {rule_version}): {quantity} {sku} as a gift",
    ("gift", "left_out"): "promotion {rule} (version {rule_version}): its gift of {quantity} {sku} is left out: {why}",
    ("gift", "not_taken"): "promotion {rule} (version {rule_version}) is not taken, for its gift of {quantity} {sku} is lacking: {why}",
    ("grant", "points"): "promotion {rule} (version {rule_version}): {points} points",
    ("grant", "points_rate"): "promotion {rule} (version {rule_version}): points times {rate}",
    ("grant", "coupon"): "promotion {rule} (version {rule_version}): a coupon of {batch}",
    ("coupon", "no_code"): "coupon: none, the cart names no code",
    ("coupon", "percent"): "coupon {rule} (version {rule_version}): {percent} of {before}, rounded {rounding}: {amount}",
    ("coupon", "percent_floored"): "coupon {rule} (version {rule_version}): {percent} of {before}, rounded {rounding}, of which floor prices keep "
    "{kept}: {amount}",
    ("coupon", "fixed_floored"): "coupon {rule} (version {rule_version}): {fixed}, but no line below its floor price, which keep {kept}: {amount}",
    ("coupon", "fixed"): "coupon {rule} (version {rule_version}): {fixed}, but no more than {before}: {amount}",
    ("shipping", "flat"): "shipping by {rule}: {amount}, shared by {shared_by}",
    ("shipping", "per_line"): "shipping by {rule}: {amount}, given line by line",
    ("shipping", "nothing_ships"): "shipping by {rule}: no line ships, so {offered} is not charged",
    ("shipping", "free"): "shipping: nothing is charged",
    ("tax", "off"): "tax: off",
    ("tax", "added"): "tax by {rule} (version {rule_version}), rounded {rounding}: {amount}, by {level}",
    ("tax", "included"): "tax by {rule} (version {rule_version}), rounded {rounding}: {tax} in the price, by {level}",
}
_WHY = {"unknown": "there is no such product", "inactive": "it is not active", "out_of_stock": "too few are free"}
_OF_PROMOTIONS = frozenset({"promotions", "promotion", "shipping_promotion"})
_OTHER_WORDS = "{step} {code}: {amount}"
_MONEY = frozenset({"before", "amount", "fixed", "offered", "tax", "kept", "unit"})


def explain(trace: tuple[TraceStep, ...], *, currency: str) -> tuple[str, ...]:
    """The trace in plain English, one line per step and a last one with the total; amounts read as money in the currency.

    A step that this release has no words for is told by its name, so a trace of any age and of any plug-in can be explained.
    """
    exponent(currency)
    said = [_told(entry, currency) for entry in trace]
    return (*said, f"total: {Money(trace[-1].after, currency)}") if trace else ()


def _told(entry: TraceStep, currency: str) -> str:
    words: dict[str, Fact | Money] = {
        "step": entry.step,
        "code": entry.code.replace("_", " ") if entry.step in _OF_PROMOTIONS else entry.code,
        "rule": entry.rule,
        "rule_version": entry.rule_version,
        "rounding": entry.rounding,
        "note": entry.note,
        "line_no": entry.line_no,
    }
    amounts: dict[str, Fact] = {"before": entry.before, "amount": entry.amount, **dict(entry.facts)}
    for name, value in amounts.items():
        say = _SAID.get(name)
        words[name] = Money(int(value), currency) if name in _MONEY else value if say is None else say(value)
    template = _WORDS.get((entry.step, entry.code)) or _WORDS.get((entry.step, "")) or _OTHER_WORDS
    parts = ", ".join(f"line {number} {Money(part, currency)}" for number, part in enumerate(entry.parts, 1) if part)
    silent = entry.fact("instead_of", "") if entry.step == "tax" else ""
    return template.format_map(words) + (f", for {silent} did not answer" if silent else "") + (f" ({parts})" if parts else "")


def _hundredths(basis_points: int, digits: int) -> str:
    whole, rest = divmod(basis_points, 10**digits)
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


_SAID: dict[str, Callable[[Fact], str]] = {
    "percent": lambda it: f"{_hundredths(int(it), 2)} %",
    "units": lambda it: f"{it} unit" if it == 1 else f"{it} units",
    "rate": lambda it: _hundredths(int(it), 4),
    "why": lambda it: _WHY.get(str(it), str(it)),
}
