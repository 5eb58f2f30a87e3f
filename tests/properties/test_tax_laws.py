"""The laws of tax, for any cart, any rates and any policy."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.money import Rounding
from shopwright.pricing.tax import Prices, RoundingLevel, ShippingTax, TaxLine, TaxPolicy, TaxRequest, assess, reckon, taxed
from shopwright.pricing.tax_amounts import TaxAssessment, Taxed, part_of, part_of_amount, tax_share
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable, Treatment
from shopwright.pricing.tax_trace import misfits, policy_of, traced

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEAREST = (Rounding.HALF_UP, Rounding.HALF_DOWN, Rounding.HALF_EVEN)
UNTAXED = tuple(treatment for treatment in Treatment if treatment is not Treatment.TAXED)

amounts = st.one_of(st.integers(0, 20), st.integers(0, 200_000), st.integers(0, 10**12))
ratios = st.one_of(st.sampled_from([(0, 1), (19, 100), (7, 100), (71, 800), (1, 3)]), st.tuples(st.integers(0, 3000), st.just(10_000)))
usual = st.tuples(st.integers(0, 9_999), st.just(10_000))
levels, prices, roundings = st.sampled_from(RoundingLevel), st.sampled_from(Prices), st.sampled_from(Rounding)


@st.composite
def rulings(draw, rates):
    """What is ruled for a class: some of the rates of the country, or none for a reason."""
    chosen = tuple(rate for rate in rates if draw(st.booleans()))
    return Ruling(chosen) if chosen else Ruling(treatment=draw(st.sampled_from(UNTAXED)), reason="by law")


@st.composite
def tables(draw):
    rates = [TaxRate(f"R{number}", draw(ratios), stage=draw(st.integers(0, 2))) for number in range(draw(st.integers(1, 3)))]
    return TaxTable("shop", tuple(TaxRule(f"class{number}", draw(rulings(rates))) for number in range(3)))


@st.composite
def policies(draw, prices=prices, rounding=roundings):
    own = draw(st.booleans())
    shipping, name = (ShippingTax.OWN_CLASS, "class2") if own else (ShippingTax.LIKE_GOODS, "")
    return TaxPolicy(prices=draw(prices), level=draw(levels), rounding=draw(rounding), shipping=shipping, shipping_class=name)


@st.composite
def requests(draw, policy=policies()):
    classes = st.sampled_from(["class0", "class1", "class2"])
    lines = [TaxLine(number, draw(classes), draw(amounts), shipping=draw(st.integers(0, 999))) for number in range(1, draw(st.integers(1, 7)) + 1)]
    return TaxRequest("EUR", tuple(lines), place=TaxPlace("DE"), policy=draw(policy), at=NOON)


def assessed(request, table) -> TaxAssessment:
    answer = assess(request, table)
    assert isinstance(answer, TaxAssessment), answer
    return answer


def exact_taxes(amount: int, ruling: Ruling, inclusive: bool) -> dict[str, Fraction]:
    """The textbook, in fractions: what each rate would take if nothing were ever rounded."""
    effective: dict[str, Fraction] = {}
    for rate in ruling.rates:
        _effective(rate, ruling, effective)
    whole = 1 + sum(effective.values()) if inclusive else Fraction(1)
    return {code: amount * share / whole for code, share in effective.items()}


def _effective(rate: TaxRate, ruling: Ruling, known: dict[str, Fraction]) -> Fraction:
    if rate.code not in known:
        below = [other for other in ruling.rates if other.stage < rate.stage]
        known[rate.code] = Fraction(*rate.rate) * (1 + sum(_effective(other, ruling, known) for other in below))
    return known[rate.code]


def parts(request, answer):
    """Each taxed part with the amount that was asked and what was ruled."""
    for asked, line in zip(request.lines, answer.lines, strict=True):
        goods, shipping = line.rulings
        yield asked.amount, goods, line.goods
        yield asked.shipping, shipping, line.shipping


# --- sums ---------------------------------------------------------------------------------------------------------------------------


@given(requests(), tables())
def test_net_and_tax_are_gross_on_every_line_and_nothing_is_below_zero(request, table):
    answer = assessed(request, table)
    for line in answer.lines:
        assert line.net + line.tax == line.gross == line.goods.gross + line.shipping.gross
        for part in (line.goods, line.shipping):
            assert part.net + sum(each.tax for each in part.taxes) == part.gross
            assert min(part.net, *[each.tax for each in part.taxes], 0) == 0


@given(requests(), tables())
def test_the_amounts_that_were_asked_are_kept_and_the_answer_fits(request, table):
    answer = assessed(request, table)
    assert misfits(request, answer) == ()
    side = "gross" if request.policy.prices is Prices.INCLUSIVE else "net"
    assert getattr(answer, side) == sum(line.amount + line.shipping for line in request.lines)


@given(requests(), tables())
def test_the_summary_sums_to_the_taxes_and_to_the_bases_of_the_lines(request, table):
    answer = assessed(request, table)
    assert sum(total.tax for total in answer.totals) == answer.tax == sum(line.tax for line in answer.lines)
    assert answer.net + answer.tax == answer.gross
    for total in answer.totals:
        if total.rate is not None:
            bearing = [part for _, _, part in parts(request, answer) if any(each.rate == total.rate for each in part.taxes)]
            assert total.base == sum(part.base_of(total.rate) for part in bearing)
            assert total.tax == sum(each.tax for part in bearing for each in part.taxes if each.rate == total.rate)


@given(requests(), tables())
def test_what_amounts_to_nothing_or_is_not_taxed_has_no_tax(request, table):
    for amount, ruling, part in parts(request, assessed(request, table)):
        if not amount or ruling.treatment is not Treatment.TAXED:
            assert (part.net, part.tax) == (amount, 0)


# --- nearness -----------------------------------------------------------------------------------------------------------------------


@given(requests(policies(rounding=st.just(Rounding.HALF_UP))), tables())
def test_per_order_a_rate_is_within_one_unit_of_exact(request, table):
    request = evolve(request, policy=evolve(request.policy, level=RoundingLevel.ORDER))
    answer = assessed(request, table)
    inclusive = request.policy.prices is Prices.INCLUSIVE
    exact: dict[str, Fraction] = {}
    for amount, ruling, _ in parts(request, answer):
        for code, tax in exact_taxes(amount, ruling, inclusive).items():
            exact[code] = exact.get(code, Fraction(0)) + tax
    for total in answer.totals:
        if total.rate is not None:
            # A tax on taxes is taken of what was rounded below it, so a higher stage may stand a little further off.
            slack = 1 if inclusive or not total.rate.stage else 3
            assert abs(total.tax - exact[total.rate.code]) <= slack


@given(requests(policies(prices=st.just(Prices.EXCLUSIVE))), tables())
def test_on_top_per_order_a_rate_is_its_base_times_the_rate_rounded_once(request, table):
    request = evolve(request, policy=evolve(request.policy, level=RoundingLevel.ORDER, rounding=Rounding.DOWN))
    for total in assessed(request, table).totals:
        if total.rate is not None:
            assert total.tax == total.base * total.rate.rate[0] // total.rate.rate[1]


@given(amounts, ratios, prices, roundings, levels)
def test_one_rate_on_one_amount_is_the_textbook_rounded_once(amount, ratio, price, rounding, level):
    policy = TaxPolicy(prices=price, rounding=rounding, level=level)
    above, below = ratio
    exact = Fraction(amount * above, below + above if price is Prices.INCLUSIVE else below)
    tax = taxed(amount, Ruling((TaxRate("T", ratio),)), policy=policy).tax
    assert abs(tax - exact) < 1
    assert rounding not in NEAREST or abs(tax - exact) <= Fraction(1, 2)


@given(requests(), tables())
def test_each_line_is_within_one_unit_of_its_exact_share_of_a_rate(request, table):
    answer = assessed(evolve(request, policy=evolve(request.policy, prices=Prices.EXCLUSIVE, level=RoundingLevel.ORDER)), table)
    for total in answer.totals:
        for _, _, part in parts(request, answer):
            for each in part.taxes:
                if each.rate == total.rate and total.base:
                    assert abs(each.tax - Fraction(total.tax * part.base_of(each.rate), total.base)) < 1


# --- order and size -----------------------------------------------------------------------------------------------------------------


@given(requests(), tables(), st.randoms(use_true_random=False))
def test_the_order_of_lines_decides_at_most_between_lines_that_are_alike(request, table, chance):
    mixed = list(request.lines)
    chance.shuffle(mixed)
    one, other = assessed(request, table), assessed(evolve(request, lines=tuple(mixed)), table)
    assert one.totals == other.totals or _stacked(table)
    assert (one.net, one.tax, one.gross) == (other.net, other.tax, other.gross) or _stacked(table)
    if len({amount for line in request.lines for amount in (line.amount, line.shipping)}) == 2 * len(request.lines):
        by_number = {line.line_no: line for line in other.lines}
        assert all(_close(line, by_number[line.line_no]) for line in one.lines)


def _stacked(table) -> bool:
    """Whether a tax is taken of taxes, so that who carries an odd unit bears on a base."""
    return any(rate.stage for rule in table.rules for rate in rule.ruling.rates)


def _close(one, other) -> bool:
    """Lines that share a rate by other classes may tie all the same, and then differ by the odd unit of each rate."""
    return all(abs(getattr(one, side).tax - getattr(other, side).tax) <= 3 for side in ("goods", "shipping"))


@given(st.lists(amounts, min_size=1, max_size=7, unique=True), ratios, prices, roundings, st.randoms(use_true_random=False))
def test_lines_of_different_amounts_bear_the_same_wherever_they_stand(lines, ratio, price, rounding, chance):
    ruling, policy = Ruling((TaxRate("T", ratio),)), TaxPolicy(prices=price, rounding=rounding)

    def taxes(amounts):
        reckoned = reckon(
            [TaxLine(number, "goods", amount) for number, amount in enumerate(amounts, 1)], [(ruling, ruling)] * len(amounts), policy=policy
        )
        return dict(zip(amounts, [line.goods for line in reckoned], strict=True))

    mixed = list(lines)
    chance.shuffle(mixed)
    assert taxes(mixed) == taxes(lines)


@given(requests(), tables())
def test_the_order_in_which_rates_are_listed_means_nothing(request, table):
    turned = TaxTable("shop", tuple(evolve(rule, ruling=evolve(rule.ruling, rates=rule.ruling.rates[::-1])) for rule in table.rules))
    one, other = assessed(request, table), assessed(request, turned)
    assert one.totals == other.totals
    assert [(line.net, line.tax) for line in one.lines] == [(line.net, line.tax) for line in other.lines]


@given(amounts, st.integers(0, 1000), tables(), policies())
def test_a_higher_price_never_bears_less_tax_at_one_rate(amount, more, table, policy):
    for rule in table.rules:
        if len(rule.ruling.rates) == 1:
            low, high = (taxed(it, rule.ruling, policy=policy) for it in (amount, amount + more))
            assert low.tax <= high.tax
            assert low.net <= high.net or policy.rounding is Rounding.HALF_EVEN


# --- there and back -----------------------------------------------------------------------------------------------------------------


@given(amounts, usual, st.sampled_from(NEAREST))
def test_net_to_gross_to_net_is_where_it_began(net, ratio, rounding):
    ruling = Ruling((TaxRate("T", ratio),))
    there = taxed(net, ruling, policy=TaxPolicy(prices=Prices.EXCLUSIVE, rounding=rounding))
    back = taxed(there.gross, ruling, policy=TaxPolicy(prices=Prices.INCLUSIVE, rounding=rounding))
    assert back == there


@given(amounts, usual, st.sampled_from(NEAREST))
def test_gross_to_net_to_gross_is_within_one_unit_and_stays_there(gross, ratio, rounding):
    ruling = Ruling((TaxRate("T", ratio),))
    on_top, within = (TaxPolicy(prices=it, rounding=rounding) for it in (Prices.EXCLUSIVE, Prices.INCLUSIVE))
    back = taxed(taxed(gross, ruling, policy=within).net, ruling, policy=on_top)
    assert abs(back.gross - gross) <= 1  # not every gross amount has a net one: nothing net makes 0.03 at 50 %
    assert taxed(back.gross, ruling, policy=within) == back


@given(requests(), tables())
def test_what_lines_keep_is_enough_to_reckon_them_again(request, table):
    answer = assessed(request, table)
    entry = traced(answer, request.policy, before=0)
    assert reckon(request.lines, [line.rulings for line in answer.lines], policy=policy_of(entry)) == answer.lines


@given(requests(), tables(), st.integers(0, 10**6))
def test_the_entry_of_the_trace_adds_up(request, table, before):
    answer = assessed(request, table)
    entry = traced(answer, request.policy, before=before)
    assert entry.after == before + entry.amount
    assert entry.amount == sum(entry.parts) == (0 if request.policy.prices is Prices.INCLUSIVE else answer.tax)
    assert entry.fact("tax") == answer.tax


# --- refunds ------------------------------------------------------------------------------------------------------------------------


def steps(draw_sizes, whole):
    """Successive parts of a whole: (so many, after so many), until nothing is left."""
    before = 0
    for wanted in draw_sizes:
        size = min(wanted, whole - before)
        yield size, before
        before += size
    yield whole - before, before


@st.composite
def taxed_amounts(draw):
    ruling = next(rule.ruling for rule in draw(tables()).rules)
    return taxed(draw(amounts), ruling, policy=draw(policies()))


def assert_all_came_back(whole: Taxed, given_back: list[Taxed]) -> None:
    assert sum(part.net for part in given_back) == whole.net
    for place, each in enumerate(whole.taxes):
        assert sum(part.taxes[place].tax for part in given_back) == each.tax
    for part in given_back:
        assert min(part.net, *[each.tax for each in part.taxes], 0) == 0
        assert part.net + part.tax == part.gross


@given(amounts, st.lists(st.integers(0, 40), max_size=12), st.integers(1, 100))
def test_parts_of_a_tax_sum_to_it_and_never_run_ahead(total, sizes, units):
    back = 0
    for size, before in steps(sizes, units):
        back += tax_share(total, units=size, of=units, before=before)
        assert 0 <= Fraction(total * (before + size), units) - back < 1
    assert back == total


@given(taxed_amounts(), st.lists(st.integers(0, 40), max_size=12), st.integers(1, 100))
def test_units_that_go_back_one_after_the_other_bring_back_every_tax_exactly(whole, sizes, units):
    given_back = [part_of(whole, units=size, of=units, before=before) for size, before in steps(sizes, units)]
    assert_all_came_back(whole, given_back)
    assert [part.gross for part in given_back] == [
        tax_share(whole.gross, units=size, of=units, before=before) for size, before in steps(sizes, units)
    ]


@given(taxed_amounts(), st.lists(st.one_of(st.integers(0, 5), amounts), max_size=12))
def test_money_that_goes_back_in_any_amounts_brings_back_every_tax_exactly(whole, sizes):
    given_back = [part_of_amount(whole, size, before=before) for size, before in steps(sizes, whole.gross)]
    assert_all_came_back(whole, given_back)
    assert [part.gross for part in given_back] == [size for size, _ in steps(sizes, whole.gross)]
