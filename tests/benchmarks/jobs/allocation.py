"""Which of fifty warehouses ships what of an order: ours against a mixed-integer program solved by HiGHS, with the same least cost on every order.

Both prove that cost. Ours also tells which location ships what, and takes the fewest parcels and kilometers among equals. In processor time of the
whole process, for HiGHS may use threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from shopwright.inventory import Costs, Location, OnShelf, Plan, Policy, Rate, Wanted, plan
from tests.benchmarks import warehoused
from tests.benchmarks.rows import Row
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import Bench, Local, Remote, Side

JOB, PEER = "allocation", "scipy milp (HiGHS)"
ZONE = "there"


def rows(session: Session) -> list[Row]:
    """Whole lines, and lines that may be split."""
    told: list[Row] = []
    for split, how in ((False, "whole lines"), (True, "split lines")):

        def peer(split: bool = split) -> Side:
            return Remote(PEER, "tests.benchmarks.peers.scipy_milp", split=split)

        def mine(split: bool = split) -> Side:
            return Local("ours", ours(split))

        peers: dict[str, Callable[[], Side]] = {PEER: peer}
        count = 15 if session.plan is QUICK else warehoused.ORDERS
        told += session.run(Race(JOB, f"1,000 orders, 50 locations, {how}", "ms", mine, peers, count))
    return told


def ours(split: bool) -> Bench:
    """A plan for an order. The stock of the skus of the order is at hand, as it is when a storage was asked for it."""
    costs = Costs(per_distance=warehoused.PER_KM, split=warehoused.SPLIT, shortfall=warehoused.SHORTFALL)
    policy = Policy(costs=costs, split_lines=split)

    def tell(answer: Any) -> int:
        assert isinstance(answer, Plan)
        assert answer.proved
        return answer.standing.cost

    def prepare(turn: int) -> tuple[tuple[Wanted, ...], tuple[Location, ...]]:
        return asked(turn % warehoused.ORDERS)

    return Bench(run=lambda given: plan(*given, zone=ZONE, policy=policy), prepare=prepare, tell=tell, clock=time.process_time)


@cache
def asked(turn: int) -> tuple[tuple[Wanted, ...], tuple[Location, ...]]:
    """The order of a turn as ours."""
    order = warehoused.order(turn)
    lines = tuple([Wanted(str(number), str(sku), quantity) for number, (sku, quantity) in enumerate(order["lines"])])
    skus = dict.fromkeys(sku for sku, _ in order["lines"])
    locations = []
    for place, far in zip(warehoused.warehouses(), order["distances"], strict=True):
        stock = [OnShelf(str(sku), place["stock"][sku][0], target=place["stock"][sku][1]) for sku in skus if sku in place["stock"]]
        rate = Rate(ZONE, distance=far, parcel=place["parcel"], unit=place["unit"])
        locations.append(Location(place["id"], stock=tuple(stock), rates=(rate,)))
    return lines, tuple(locations)
