"""One of many writers, in a process of its own: told a case, a moment and a duration, it places orders and tells how long each took.

Speaks JSON lines; the parent is `tests.benchmarks.jobs.hot_sku`.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from shopwright.inventory.keys import stock_key
from shopwright.ports.quota_ways import QuotaWays
from tests.benchmarks import ours, work
from tests.benchmarks.by_hand import naive

Place = Callable[[int], Any]


def cases(run: str, our_database: str, their_database: str) -> dict[str, Place]:
    """What a writer can be asked to do; `run` keeps its keys apart from those of the others."""
    from shopwright.adapters.fake_gateway import FakeGateway
    from shopwright.shop import Shop

    shop = Shop(ours.postgres(our_database), gateways=[FakeGateway()])
    first = Shop(ours.postgres(our_database, QuotaWays({stock_key(work.HOT): "hold_first"})), gateways=[FakeGateway()])
    way = naive.on_postgres(their_database)

    def place(turn: int, *, hot: bool, shop: Shop = shop) -> Any:
        return shop.orders.place(ours.command(work.wanted(turn, run=run, hot=hot), coupon=False), at=work.AT)

    def by_hand(turn: int, take: naive.Take) -> Any:
        return naive.place(way, work.wanted(turn, run=run, hot=True), coupon=False, take=take)

    return {
        "ours, hot": lambda turn: place(turn, hot=True),
        "ours, hot, held first": lambda turn: place(turn, hot=True, shop=first),
        "ours, uniform": lambda turn: place(turn, hot=False),
        "conditional UPDATE": lambda turn: by_hand(turn, naive.conditional),
        "SELECT FOR UPDATE": lambda turn: by_hand(turn, naive.for_update),
    }


def work_until(place: Place, turns: Any, begin: float, seconds: float) -> list[float]:
    """Wait for the moment, then place orders one after the other."""
    latencies = []
    gc.collect()
    gc.freeze()
    time.sleep(max(0.0, begin - time.time()))
    clock = time.perf_counter
    end = (last := clock()) + seconds
    while last < end:
        place(next(turns))
        now = clock()
        latencies.append(now - last)
        last = now
    return latencies


def main(number: int, our_database: str, their_database: str) -> None:
    """Serve until the input ends."""
    pipe, sys.stdout = sys.stdout, sys.stderr
    # Every writer begins at another cart, so that they meet at the hot sku and not everywhere.
    turns = count(number * 1_000_003)
    can = cases(f"writer-{number}", our_database, their_database)
    print(json.dumps("ready"), file=pipe, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        done = work_until(can[asked["case"]], turns, asked["begin"], asked["seconds"])
        print(json.dumps(done), file=pipe, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
