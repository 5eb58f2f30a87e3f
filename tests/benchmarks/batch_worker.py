"""A process in which many threads place orders for one hot sku, batched: told how long, it tells how long each order took.

Speaks JSON lines; the parent is `tests.benchmarks.jobs.hot_ways`.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from itertools import count
from threading import Thread

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.flows.commands import PlaceOrder
from shopwright.inventory.keys import stock_key
from shopwright.orders.order import Order
from shopwright.ports.quota_ways import QuotaWays
from shopwright.shop import Shop
from tests.benchmarks import ours, work

READY = 150
"""How many commands a thread has ready for a second: what buyers ask for is not made by the shop."""


class Till:
    """A thread's own row of buyers."""

    def __init__(self, shop: Shop, number: int) -> None:
        self._shop, self._name, self._turns = shop, f"till-{number}", count(number * 1_009)
        self._asked: list[PlaceOrder] = []
        self.latencies: list[float] = []

    def prepare(self, seconds: float) -> None:
        """Let the next buyers come."""
        while len(self._asked) < READY * seconds:
            self._asked.append(ours.command(work.wanted(next(self._turns), run=self._name, hot=True), coupon=False))

    def work(self, begin: float, seconds: float) -> None:
        """Place orders from a moment on, one after the other."""
        self.latencies = []
        time.sleep(max(0.0, begin - time.time()))
        clock = time.perf_counter
        end = (last := clock()) + seconds
        while last < end and self._asked:
            order = self._shop.orders.place(self._asked.pop(), at=work.AT)
            assert isinstance(order, Order), order
            now = clock()
            self.latencies.append(now - last)
            last = now


def main(number: int, database: str, threads: int) -> None:
    """Serve until the input ends."""
    pipe, sys.stdout = sys.stdout, sys.stderr
    shop = Shop(ours.postgres(database, QuotaWays({stock_key(work.HOT): "batched"})), gateways=[FakeGateway()])
    tills = [Till(shop, number * threads + thread) for thread in range(threads)]
    print(json.dumps("ready"), file=pipe, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        for till in tills:
            till.prepare(asked["seconds"])
        gc.collect()
        gc.freeze()
        print(json.dumps("prepared"), file=pipe, flush=True)
        begin = float(json.loads(sys.stdin.readline())["begin"])
        running = [Thread(target=till.work, args=(begin, asked["seconds"])) for till in tills]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        print(json.dumps([latency for till in tills for latency in till.latencies]), file=pipe, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
