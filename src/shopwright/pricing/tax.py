"""Tax: what is taken of each line of a cart, at each of its rates, for prices that hold the tax and for prices that do not.

Rules
- the amounts that come in are what is left after discounts, so every discount has been taken off the bases of all rates before, line by line:
  nothing is taxed that nobody pays, and a line that costs nothing has no tax at any rate;
- EXCLUSIVE prices are net: a rate takes `base * rate`, its base being the net amount and the taxes of lower stages as they were rounded, so
  that an invoice can be checked by hand (Art. 73 and 78 of Directive 2006/112/EC; US and Canadian sales taxes);
- INCLUSIVE prices are gross: a rate takes `gross * e / (1 + sum of e)`, where `e` is the rate times what its stage stands on, and net is what
  is left (19 % in 119 is 119 * 19 / 119); a price stays the same wherever it is sold, only the tax in it changes;
- per ORDER, a rate is rounded once, of the exact sum over all that bears it, and allocated by largest remainder: the lines sum to what the
  rate takes. Per LINE, each line is rounded by itself at each rate. Law leaves the choice to states (CJEU C-484/06, Ahold), some of them to the
  seller (SSUTA, section 324), Japan's qualified invoices demand it per order. Shipping is one position that was only shared out: its shares are never
  rounded one by one, per LINE they are rounded together, per ORDER with the goods;
- ties go to the larger share and then to the earlier line, as in `allocate`: lines of equal share apart, their order changes nothing;
- no line holds more tax than it costs: where roundings together would overdraw a gross amount of a few units, the odd unit goes to the line
  that has most room at that rate, and is dropped where none has any. Lower stages come first, then codes in their order.

Refusals: those of `shopwright.pricing.tax_rates`, with the `line` that asked, class unknown before rule missing; then `amount_too_large` when
the gross amounts are more than 64 bits of minor units hold (fact: `currency`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from math import lcm

from attrs import evolve, field, frozen

from shopwright.edges import MOST, aware, identifier, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding, allocate, divide
from shopwright.pricing.tax_amounts import RateTax, TaxAssessment, Taxed, TaxedLine
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxTable
from shopwright.refusals import Refusal


class Prices(Enum):
    """Whether the prices of a shop hold the tax."""

    INCLUSIVE = "inclusive"
    """They do: what is shown is paid."""
    EXCLUSIVE = "exclusive"
    """They do not: tax comes on top."""


class RoundingLevel(Enum):
    """Of what a rate is rounded."""

    LINE = "line"
    """Of each line by itself; lines can be checked one by one, and a long order drifts by half a unit for each line at most."""
    ORDER = "order"
    """Once, of all lines that bear it; the total is as near to exact as can be."""


class ShippingTax(Enum):
    """How shipping is taxed."""

    LIKE_GOODS = "like_goods"
    """The share of each line as its goods are: shipping follows the main supply (CJEU C-349/96, Card Protection Plan)."""
    OWN_CLASS = "own_class"
    """By a tax class of its own, wherever it is shared out to."""


@frozen(kw_only=True)
class TaxPolicy:
    """How a shop reckons tax. Raises `InvalidValue` for wrong types, and for a class of shipping that is lacking or in vain."""

    prices: Prices = field(validator=of(Prices))
    level: RoundingLevel = field(default=RoundingLevel.ORDER, validator=of(RoundingLevel))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))
    shipping: ShippingTax = field(default=ShippingTax.LIKE_GOODS, validator=of(ShippingTax))
    shipping_class: str = field(default="", validator=text(most=60))

    def __attrs_post_init__(self) -> None:
        if bool(self.shipping_class) is not (self.shipping is ShippingTax.OWN_CLASS):
            raise InvalidValue(f"expected a shipping_class with ShippingTax.OWN_CLASS and none without, got {self.shipping_class!r}")


@frozen(slots=False)
class TaxLine:
    """What is to be taxed of one line: its goods and its share of shipping, in minor units and after all discounts."""

    line_no: int = field(validator=whole(least=1))
    tax_class: str = field(validator=identifier(most=60))
    amount: int = field(validator=whole(least=0))
    shipping: int = field(default=0, validator=whole(least=0), kw_only=True)


@frozen
class TaxRequest:
    """What is asked of whoever knows the taxes: these lines in this currency, sold there at this moment, by this policy.

    `city` and `postcode` are where the goods go, for engines that know more than countries and regions; tables do not look at them.

    Raises `InvalidValue` for a currency nobody knows, for two lines of one number and for a time without a zone.
    """

    currency: str
    lines: tuple[TaxLine, ...] = field(validator=members(TaxLine))
    place: TaxPlace = field(validator=of(TaxPlace), kw_only=True)
    policy: TaxPolicy = field(validator=of(TaxPolicy), kw_only=True)
    at: datetime = field(validator=aware, kw_only=True)
    city: str = field(default="", validator=text(), kw_only=True)
    postcode: str = field(default="", validator=text(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        Money(0, self.currency)
        numbers = [line.line_no for line in self.lines]
        if len(set(numbers)) < len(numbers):
            raise InvalidValue(f"expected each line once, got the numbers {numbers}")


def assess(request: TaxRequest, table: TaxTable) -> TaxAssessment | Refusal:
    """The taxes of a request by a table of our own, or why there are none to be told.

    Raises `InvalidValue` when the rulings that meet in one order give one code to two different rates.
    """
    rulings = _rulings(request, table)
    if isinstance(rulings, Refusal):
        return rulings
    lines = reckon(request.lines, rulings, policy=request.policy)
    if sum([line.gross for line in lines]) > MOST:
        return Refusal("amount_too_large", f"with tax the cart amounts to more than {MOST} minor units", {"currency": request.currency})
    return TaxAssessment(table.name, table.version, lines)


def _rulings(request: TaxRequest, table: TaxTable) -> tuple[tuple[Ruling, Ruling], ...] | Refusal:
    """What is ruled for the goods and for the shipping of each line; each class is looked up once."""
    own = request.policy.shipping_class
    wanted: dict[str, int] = {}
    for line in request.lines:
        wanted.setdefault(line.tax_class, line.line_no)
        if own and line.shipping:
            wanted.setdefault(own, line.line_no)
    found = {name: table.ruling(name, request.place, at=request.at) for name in wanted}
    refused = [(number, answer) for name, number in wanted.items() if isinstance(answer := found[name], Refusal)]
    if refused:
        number, refusal = min(refused, key=lambda one: one[1].code)  # class unknown before rule missing, then as the lines stand
        return evolve(refusal, message=f"line {number}: {refusal.message}", facts={**dict(refusal.facts), "line": number})
    known = {name: answer for name, answer in found.items() if isinstance(answer, Ruling)}
    return tuple([(known[line.tax_class], known.get(own, known[line.tax_class])) for line in request.lines])


def reckon(lines: Sequence[TaxLine], rulings: Sequence[tuple[Ruling, Ruling]], *, policy: TaxPolicy) -> tuple[TaxedLine, ...]:
    """The lines with their taxes, by rulings that are known: what `assess` does once it has looked them up, and what a replay does.

    `rulings` are those of the goods and of the shipping of each line. Raises `InvalidValue` when there is not one pair for each line, and when
    one code stands for two different rates.
    """
    if len(lines) != len(rulings):
        raise InvalidValue(f"expected a pair of rulings for each of the {len(lines)} lines, got {len(rulings)}")
    _check_codes(rulings)
    goods = [(line.amount, ruling) for line, (ruling, _) in zip(lines, rulings, strict=True)]
    places = [place for place, line in enumerate(lines) if line.shipping]
    shipping = [(lines[place].shipping, rulings[place][1]) for place in places]
    if policy.level is RoundingLevel.ORDER:
        both = _taxed([*goods, *shipping], policy)
        of_goods, of_shipping = both[: len(lines)], both[len(lines) :]
    else:
        of_goods, of_shipping = [_taxed([one], policy)[0] for one in goods], _taxed(shipping, policy)
    shares = dict(zip(places, of_shipping, strict=True))
    return tuple([_line(line, rulings[place], of_goods[place], shares.get(place)) for place, line in enumerate(lines)])


def _line(line: TaxLine, rulings: tuple[Ruling, Ruling], goods: Taxed, share: Taxed | None) -> TaxedLine:
    ruling, ships = rulings
    if share is None:
        return TaxedLine(line.line_no, goods, treatment=ruling.treatment, reason=ruling.reason)
    return TaxedLine(
        line.line_no,
        goods,
        share,
        treatment=ruling.treatment,
        shipping_treatment=ships.treatment,
        reason=ruling.reason,
        shipping_reason=ships.reason,
    )


def taxed(amount: int, ruling: Ruling, *, policy: TaxPolicy) -> Taxed:
    """One amount with its taxes, as a page shows a price: net and gross, whichever of the two it was made as. Nothing of it is frozen.

    Raises `InvalidValue` for an amount that is no int from zero up.
    """
    if amount.__class__ is not int or amount < 0:
        raise InvalidValue(f"expected an amount of minor units from zero up, got {amount!r}")
    return _taxed([(amount, ruling)], policy)[0]


_Bearing = tuple[int, Ruling]
_Taxes = list[dict[TaxRate, int]]


def _taxed(parts: Sequence[_Bearing], policy: TaxPolicy) -> list[Taxed]:
    """Amounts that are rounded together, with their taxes."""
    inclusive = policy.prices is Prices.INCLUSIVE
    taxes = _within(parts, policy.rounding) if inclusive else _on_top(parts, policy.rounding)
    return [
        Taxed(amount - sum(mine.values()) if inclusive else amount, tuple([RateTax(rate, mine[rate]) for rate in ruling.rates if rate in mine]))
        for (amount, ruling), mine in zip(parts, taxes, strict=True)
    ]


def _on_top(parts: Sequence[_Bearing], rounding: Rounding) -> _Taxes:
    """The taxes on net amounts."""
    taxes: _Taxes = [{} for _ in parts]
    for rate, places in _bearing(parts):
        above, below = rate.rate
        bases = [parts[place][0] + sum([tax for lower, tax in taxes[place].items() if lower.stage < rate.stage]) for place in places]
        total = divide(sum(bases) * above, below, rounding)
        for place, part in zip(places, allocate(total, bases), strict=True):
            taxes[place][rate] = part
    return taxes


def _within(parts: Sequence[_Bearing], rounding: Rounding) -> _Taxes:
    """The taxes in gross amounts."""
    taxes: _Taxes = [{} for _ in parts]
    room = [amount for amount, _ in parts]
    for rate, places in _bearing(parts):
        mine = [(amount, *ruling.within) for amount, ruling in [parts[place] for place in places]]
        below = lcm(*[whole for _, _, whole in mine])
        exact = [amount * weights[rate] * (below // whole) for amount, weights, whole in mine]
        total = divide(sum(exact), below, rounding)
        for place, part in zip(places, _fitting(total, exact, [room[place] for place in places]), strict=True):
            taxes[place][rate] = part
            room[place] -= part
    return taxes


def _bearing(parts: Sequence[_Bearing]) -> list[tuple[TaxRate, list[int]]]:
    """Each rate, in its turn, and the places of what bears it. What amounts to nothing bears it too, and gets nothing."""
    found: dict[TaxRate, list[int]] = {}
    for place, (_, ruling) in enumerate(parts):
        for rate in ruling.rates:
            found.setdefault(rate, []).append(place)
    return [(rate, found[rate]) for rate in sorted(found, key=TaxRate.turn)]


def _fitting(total: int, weights: Sequence[int], room: Sequence[int]) -> tuple[int, ...]:
    """The total by largest remainder, but nowhere more than there is room."""
    parts = allocate(total, weights)
    kept = tuple(map(min, parts, room))
    over = total - sum(kept)
    if not over:
        return kept
    left = [most - part for most, part in zip(room, kept, strict=True)]
    return tuple([part + more for part, more in zip(kept, allocate(min(over, sum(left)), left), strict=True)])


def _check_codes(rulings: Iterable[tuple[Ruling, Ruling]]) -> None:
    """One code cannot mean two rates in one order: the summary could not be told apart."""
    by_code: dict[str, TaxRate] = {}
    for ruling in dict.fromkeys(ruling for pair in rulings for ruling in pair):
        for rate in ruling.rates:
            if by_code.setdefault(rate.code, rate) != rate:
                raise InvalidValue(f"expected one rate of code {rate.code} in an order, got {by_code[rate.code].percent} and {rate.percent}")
