"""Points as lots with beancount: its parser's directives, booked by the function that its loader calls, first in first out.

A lot is a posting at cost with its id as the label; a redemption is a posting without a cost, for which booking finds the lots. What a side of the
books costs in euro is written out, so that nothing has to be interpolated. The parser's work is done before any clock starts.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.benchmarks import points_work
from tests.benchmarks.points_work import Crowd
from tests.benchmarks.sides import CPU, Bench, peer


def open_bench(members: int, earns: int, redeems: int) -> Bench:
    """All deeds of a crowd, booked."""
    crowd = Crowd(members, earns, redeems)
    parser, booking = peer("beancount.parser.parser"), peer("beancount.parser.booking")
    directives, errors, options = parser.parse_string("\n".join(lines(crowd)))
    assert not errors, errors

    def run(turn: int) -> Any:
        booked, problems = booking.book(directives, options)
        assert not problems, problems
        return booked

    return Bench(run=run, tell=told, per=crowd.deeds, clock=CPU)


def lines(crowd: Crowd) -> list[str]:
    """The ledger as its users write it."""
    began = points_work.BEGIN.date()
    members = sorted({deed.member for deed in points_work.deeds(crowd)})
    accounts = ["Income:Points", "Expenses:Points", *[f"Assets:{member}" for member in members]]
    text = ['option "booking_method" "FIFO"', *[f"{began} open {account}" for account in accounts]]
    for deed in points_work.deeds(crowd):
        day = deed.at.date()
        earned = deed.points > 0
        cost = f'{{1 EUR, {day}, "{deed.id}"}}' if earned else "{}"
        text += [
            f'{day} * "{deed.id}"',
            f"  Assets:{deed.member}  {deed.points} POINTS {cost}",
            f"  {'Income' if earned else 'Expenses'}:Points  {-deed.points} EUR",
        ]
    return [*text, ""]


def told(booked: Any) -> dict[str, Any]:
    """What is left in each lot and what each redemption took, read from the booked postings."""
    left: dict[str, dict[str, int]] = defaultdict(dict)
    taken: dict[str, list[list[Any]]] = defaultdict(list)
    for entry in booked:
        for posting in getattr(entry, "postings", ()):
            if not posting.account.startswith("Assets:"):
                continue
            lots, lot, points = left[posting.account.removeprefix("Assets:")], posting.cost.label, int(posting.units.number)
            lots[lot] = lots.get(lot, 0) + points
            if points < 0:
                taken[entry.narration].append([lot, -points])
    return points_work.told({member: [[lot, points] for lot, points in lots.items() if points] for member, lots in left.items()}, taken)
