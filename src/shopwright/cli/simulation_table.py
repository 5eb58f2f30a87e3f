"""A simulation as text for a terminal: what it comes to, each promotion by its cost, what stood together, and who wins and loses most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from shopwright.money import Money
from shopwright.promotions.simulation import Change, PromotionTally, Side, Simulation

MOST_PAIRS = 10
"""How many pairs of promotions are shown."""


def table(found: Simulation, *, margin: int | None = None) -> str:
    """The text, without a line end behind it; with a margin in basis points it tells what must be sold to pay for the promotions."""
    if not found.orders:
        return "no orders"
    parts = [_title(found), _grid(_sums(found, margin), right={1}), _grid(_promotions(found, margin), right=set(range(1, 20)))]
    if found.overlaps:
        rows = [("stood together", "orders")]
        rows += [(f"{it.one} + {it.other}", f"{it.orders:,}") for it in found.overlaps[:MOST_PAIRS]]
        parts.append(_grid(rows, right={1}) + _more(len(found.overlaps), MOST_PAIRS))
    for side, does in ((found.winners, "win"), (found.losers, "lose")):
        if side.first:
            rows = [(f"orders that {does} most", "by")] + [(each.order, _by(each, found.currency)) for each in side.first]
            parts.append(_grid(rows, right={1}) + _more(side.orders, len(side.first)))
    return "\n\n".join(parts)


def amount(minor: int, currency: str) -> str:
    """An amount without its currency, in groups of three digits."""
    digits, _, rest = str(Money(abs(minor), currency)).partition(" ")[0].partition(".")
    return f"{'-' if minor < 0 else ''}{int(digits):,}{f'.{rest}' if rest else ''}"


def percent(part: Fraction | None) -> str:
    """A part of one with two decimals, or `never` for none."""
    return "never" if part is None else f"{round(part * 10_000) / 100:,.2f} %"


def moment(at: datetime | None) -> str:
    """A time to the minute in UTC, or a dash."""
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _title(found: Simulation) -> str:
    orders = "1 order" if found.orders == 1 else f"{found.orders:,} orders"
    return f"{orders} from {moment(found.first_at)} to {moment(found.last_at)} UTC, in {found.currency}"


def _sums(found: Simulation, margin: int | None) -> list[tuple[str, ...]]:
    def of(minor: int) -> str:
        return amount(minor, found.currency)

    rows: list[tuple[str, ...]] = [
        ("goods", of(found.goods), ""),
        ("shipping", of(found.shipping), ""),
        ("cost of the promotions", of(found.cost), f"{percent(found.share)} of goods and shipping" if found.share is not None else ""),
    ]
    if found.baseline:
        rows.append(("cost of the other set", of(found.baseline), ""))
    if found.extras:
        rows.append(("gifts, points, coupons", of(found.extras), "as the shop reckons them; no part of the cost"))
    if margin is not None:
        growth = found.break_even(margin=margin)
        told = "of the orders that promotions change must be added to pay for them"
        rows.append(("break-even", percent(growth), f"at a margin of {percent(Fraction(margin, 10_000))}: {told}"))
    rows.append(("orders with a promotion", f"{found.changed:,}", f"of which {found.discounted:,} are discounted"))
    for name, side, how in (("winners", found.winners, "less"), ("losers", found.losers, "more")):
        rows.append((name, f"{side.orders:,}", _sum_of(side, how, found.currency)))
    rows.append(("as before", f"{found.unmoved:,}", ""))
    if found.not_compared:
        rows.append(("not compared", f"{found.not_compared:,}", "what was paid is not known"))
    if found.unproved:
        rows.append(("not proved", f"{found.unproved:,}", "a better set of promotions may exist"))
    return rows


def _sum_of(side: Side, how: str, currency: str) -> str:
    return f"would pay {amount(side.amount, currency)} {how}" if side.orders else ""


def _promotions(found: Simulation, margin: int | None) -> list[tuple[str, ...]]:
    head = ["promotion", "uses", "cost", "of all", "turned away", "first use", "last use", "used up"]
    if margin is not None:
        head.insert(4, "break-even")
    dearest = sorted(found.promotions, key=lambda it: (-it.cost, -it.uses, it.id))
    return [tuple(head), *[tuple(_promotion(tally, found, margin)) for tally in dearest]]


def _promotion(tally: PromotionTally, found: Simulation, margin: int | None) -> list[str]:
    part = percent(Fraction(tally.cost, found.cost)) if found.cost else "-"
    pays = [] if margin is None else [percent(tally.break_even(margin=margin))]
    times = [moment(at) for at in (tally.first_use, tally.last_use, tally.exhausted_at)]
    return [tally.id, f"{tally.uses:,}", amount(tally.cost, found.currency), part, *pays, f"{tally.turned_away:,}", *times]


def _by(change: Change, currency: str) -> str:
    return amount(abs(change.amount), currency)


def _more(count: int, shown: int) -> str:
    return f"\n... and {count - shown:,} more" if count > shown else ""


def _grid(rows: Sequence[Sequence[str]], *, right: set[int]) -> str:
    """Columns of equal width; those in `right` are set to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[place]) if place in right else cell.ljust(widths[place]) for place, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
