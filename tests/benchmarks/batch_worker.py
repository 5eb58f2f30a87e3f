"""A process in which many threads place orders for one hot sku, batched: told how long, it tells how long each order took.

Told that the orders are decided before, it only commits what placing them would have written.

Speaks JSON lines; the parent is `tests.benchmarks.jobs.hot_ways`.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from threading import Thread
from typing import Any, cast

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.ids import OrderNumbers
from shopwright.inventory.keys import stock_key
from shopwright.orders.order import Order
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.storage import Changeset, Committed, Storage
from shopwright.shop import Shop
from tests.benchmarks import ours, work

READY = 150
"""How many commands a thread has ready for a second: what buyers ask for is not made by the shop."""


class Decided:
    """A store that reads from another, and remembers what it is to commit."""

    def __init__(self, storage: Storage) -> None:
        self._storage, self.changes = storage, list[Changeset]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def commit(self, change: Changeset) -> Committed:
        """Remember it, and answer as if it had been written."""
        self.changes.append(change)
        return Committed(change.operation.answer)


class Till:
    """A thread's own row of buyers; orders that are `decided` before are only committed."""

    def __init__(self, storage: Storage, number: int, *, decided: bool) -> None:
        self._storage, self._name, self._turns = storage, f"till-{'decided-' if decided else ''}{number}", count(number * 1_009)
        self._decided = Decided(storage)
        numbers = OrderNumbers(length=12)  # an order that was decided before has no second chance where its number is taken
        self._shop = Shop(cast("Storage", self._decided) if decided else storage, gateways=[FakeGateway()], numbers=numbers if decided else None)
        self._to_do: list[Callable[[], object]] = []
        self._is_decided = decided
        self.latencies: list[float] = []

    def prepare(self, seconds: float) -> None:
        """Let the next buyers come."""
        while len(self._to_do) < READY * seconds:
            asked = ours.command(work.wanted(next(self._turns), run=self._name, hot=True), coupon=False)
            place = partial(self._shop.orders.place, asked, at=work.AT)
            if self._is_decided:
                place()
                self._to_do.append(partial(self._storage.commit, self._decided.changes.pop()))
            else:
                self._to_do.append(place)

    def work(self, begin: float, seconds: float) -> None:
        """Write orders from a moment on, one after the other."""
        self.latencies = []
        time.sleep(max(0.0, begin - time.time()))
        clock = time.perf_counter
        end = (last := clock()) + seconds
        while last < end and self._to_do:
            done = self._to_do.pop()()
            assert isinstance(done, Order | Committed), done
            now = clock()
            self.latencies.append(now - last)
            last = now


def main(number: int, database: str, threads: int, decided: bool) -> None:
    """Serve until the input ends."""
    pipe, sys.stdout = sys.stdout, sys.stderr
    storage = ours.postgres(database, QuotaWays({stock_key(work.HOT): "batched"}))
    tills = [Till(storage, number * threads + thread, decided=decided) for thread in range(threads)]
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
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "decided")
