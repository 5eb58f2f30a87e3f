"""Search over 100,000 and 1,000,000 products, each of our indexes against its engine by hand: what a question takes, half of the time and at most.

All are handed the same terms and asked the same thousand questions: words, some with a category or in stock alone, half with two facets beside, some
by price. The numbers of goods that are found, the counts of the facets and the prices by which a page is sorted must be equal. By hand there are no
misspelled words, no drafts of a query with fewer words, no pages but the first, and no order among goods that fit as well.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from tests.benchmarks.by_hand.search_raw import Answer, Fts5, Tantivy, Tsvector
from tests.benchmarks.our_search import Ours, on_postgres, on_sqlite, on_tantivy
from tests.benchmarks.rows import Measure, Row, compared, skipped
from tests.benchmarks.search_goods import goods, questions
from tests.benchmarks.session import QUICK, Session, Unequal
from tests.benchmarks.sides import Bench, Local, Slice

JOB = "search"
FEW, SCALES = 5_000, (100_000, 1_000_000)
CHECKED = 200
"""How many questions are answered by both sides before any is timed."""

UNIT = "ms"


@frozen
class Engine:
    """One engine: what it is called by hand, and how both sides are made of so many goods."""

    peer: str
    by_hand: Callable[[Session, int], Any]
    ours: Callable[[Session, int], Ours]


ENGINES = (
    Engine(
        "FTS5 by hand",
        lambda session, count: Fts5(session.path("raw.sqlite"), goods(count)),
        lambda session, count: on_sqlite(session.path("ours.sqlite"), goods(count)),
    ),
    Engine(
        "tsvector by hand",
        lambda session, count: Tsvector(session.database(), goods(count)),
        lambda session, count: on_postgres(session.database(), goods(count)),
    ),
    Engine(
        "tantivy by hand",
        lambda session, count: Tantivy(session.path("raw"), goods(count)),
        lambda session, count: on_tantivy(session.path("ours"), goods(count)),
    ),
)


def rows(session: Session) -> list[Row]:
    """Two rows for each engine and each number of products; a quick run has few products, and one engine."""
    if session.plan is not QUICK:
        return [row for count in SCALES for engine in ENGINES for row in race(session, engine, count)]
    first, *others = ENGINES
    alone = f"a quick run has {first.peer} alone"
    told = [*race(session, first, FEW), *[skipped(JOB, engine.peer, scale(FEW, at), UNIT, alone) for engine in others for at in (50, 99)]]
    why = f"to index so many takes minutes; a quick run has {FEW:,} products"
    return told + [skipped(JOB, engine.peer, scale(count, at), UNIT, why) for count in SCALES for engine in ENGINES for at in (50, 99)]


def scale(count: int, percent: int) -> str:
    """What the rows call it."""
    return f"{count:,} products, p{percent}"


def race(session: Session, engine: Engine, count: int) -> list[Row]:
    """Both rows of one engine."""
    session.say(f"{JOB}: {count:,} products for {engine.peer}")
    ours, theirs = engine.ours(session, count), engine.by_hand(session, count)
    try:
        assert_equal(engine, count, ours, theirs)
        sides = {"ours": side("ours", ours), engine.peer: side(engine.peer, theirs)}
        slices: dict[str, list[Slice]] = {name: [] for name in sides}
        turns = {name: lambda one=one: one.slice(session.plan.seconds) for name, one in sides.items()}
        session.alternate(turns, slices)
        return [
            compared(JOB, engine.peer, scale(count, percent), UNIT, percentile(slices["ours"], percent), percentile(slices[engine.peer], percent))
            for percent in (50, 99)
        ]
    finally:
        ours.close()
        theirs.close()


def side(name: str, asked: Any) -> Local:
    """One question after the other, from the first again after the last."""
    every = questions()
    return Local(name, Bench(run=asked.ask, prepare=lambda turn: every[turn % len(every)]))


def percentile(slices: Sequence[Slice], percent: int) -> Measure:
    """So many of a hundred questions took no longer, in milliseconds."""
    latencies = sorted(latency * 1_000 for one in slices for latency in one.latencies)
    cuts = statistics.quantiles(latencies, n=100, method="inclusive")
    return Measure(cuts[percent - 1], latencies[len(latencies) // 10], len(latencies))


def assert_equal(engine: Engine, count: int, ours: Ours, theirs: Any) -> None:
    """Both sides find as many goods, count the same and sort by the same prices; raises `Unequal`."""
    prices = {good.id: good.price for good in goods(count)}
    for question in questions()[:CHECKED]:
        mine, other = (told(one.ask(question), prices, question.by_price) for one in (ours, theirs))
        if mine != other:
            raise Unequal(f"{JOB}, {count:,} products: to {question} ours answers {mine!r:.300}, and {engine.peer} {other!r:.300}")


def told(answer: Answer, prices: dict[str, int], by_price: bool) -> Any:
    """What must be equal of an answer; of values of a facet that as many goods have, whoever comes by hand may show others."""
    facets = {name: sorted(counts.values(), reverse=True) for name, counts in answer.facets.items()}
    return answer.total, len(answer.ids), facets, [prices[id] for id in answer.ids] if by_price else None
