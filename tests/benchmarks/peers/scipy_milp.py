"""Which warehouse ships what as a mixed-integer program for HiGHS, by `scipy.optimize.milp`.

Its variables are whether each parcel is packed, what of each line is in it, and how many units leave a warehouse short. The gap is zero, so the least
cost is proved. The sparse matrix is made while the clock runs, as our own question is, for nobody has it before there is an order.
"""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks import warehoused
from tests.benchmarks.sides import Bench, peer


def open_bench(split: bool) -> Bench:
    """The least cost of an order; with `split` the units of a line may come from several warehouses."""
    optimize, sparse, numpy = peer("scipy.optimize"), peer("scipy.sparse"), peer("numpy")

    def run(order: dict[str, Any]) -> int:
        costs, ones, upper, rows = program(order, split)
        low, high = [row[1] for row in rows], [row[2] for row in rows]
        cells = [(place, column, value) for place, (row, _, _) in enumerate(rows) for column, value in row]
        at = ([cell[0] for cell in cells], [cell[1] for cell in cells])
        matrix = sparse.csr_array(([cell[2] for cell in cells], at), shape=(len(rows), len(costs)))
        found = optimize.milp(
            costs,
            integrality=numpy.array(ones),
            bounds=optimize.Bounds(0, upper),
            constraints=optimize.LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": 0},
        )
        return round(found.fun) - warehoused.SPLIT

    return Bench(run=run, prepare=warehoused.order, clock=time.process_time)


Row = tuple[list[tuple[int, int]], float, float]


def program(order: dict[str, Any], split: bool) -> tuple[list[int], list[int], list[float], list[Row]]:
    """Costs, kinds and upper bounds of the variables, and the rows with their bounds. A variable for each warehouse stands first."""
    infinite = float("inf")
    places = warehoused.warehouses()
    costs = [place["parcel"] + warehoused.SPLIT + warehoused.PER_KM * far for place, far in zip(places, order["distances"], strict=True)]
    upper: list[float] = [1.0] * len(places)
    rows: list[Row] = []
    shelves: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for sku, quantity in order["lines"]:
        whole = []
        for number, place in enumerate(places):
            available = place["stock"].get(sku, (0, 0))[0]
            if available < (1 if split else quantity):
                continue
            units = 1 if split else quantity
            most = min(available, quantity) if split else 1
            column = len(costs)
            costs.append(place["unit"] * units)
            upper.append(most)
            whole.append((column, 1))
            shelves.setdefault((number, sku), []).append((column, units))
            rows.append(([(column, 1), (number, -most)], -infinite, 0))
        wanted = quantity if split else 1
        rows.append((whole, wanted, wanted))
    for (number, sku), taken in shelves.items():
        available, target = places[number]["stock"][sku]
        column = len(costs)
        costs.append(warehoused.SHORTFALL)
        upper.append(infinite)
        rows.append(([*taken, (column, -1)], -infinite, max(0, available - target)))
        rows.append((taken, -infinite, available))
    return costs, [1] * len(costs), upper, rows
