"""What became of a replay, counted from what the shop has stored, and the odd facts by code, line and reason."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen

from marketplace.oddities import REASONS, odd_facts
from marketplace.source import CURRENCY, Marketplace
from marketplace.timeline import Replayed
from shopwright import Money, Order, standing
from shopwright.payments.states import PaymentState
from shopwright.ports.storage import Query, Storage
from shopwright.wire.kinds import LooseMoney

T = TypeVar("T")


@frozen
class Tally:
    """Counts and sums (cents) of everything that is stored. `paid` is by type of payment; `codes` counts what was noted, order by order."""

    states: Counter[str] = field(factory=Counter)
    standings: Counter[str] = field(factory=Counter)
    sums: Counter[str] = field(factory=Counter)
    paid: Counter[str] = field(factory=Counter)
    loose: Counter[str] = field(factory=Counter)
    loose_sources: set[str] = field(factory=set)
    codes: Counter[str] = field(factory=Counter)

    def order(self, order: Order) -> None:
        """Count one more order."""
        self.states[order.state.value] += 1
        self.standings[standing(order).value] += 1
        for line in order.lines:
            self.sums["items"] += line.subtotal
            self.sums["freight"] += line.shipping
        for payment in order.payments:
            if payment.state is PaymentState.CAPTURED:
                self.paid[payment.tender.method] += payment.captured
            self.sums["refunded"] += payment.refunded
        self.codes.update(note.code for note in order.exceptions)

    def money(self, kept: LooseMoney) -> None:
        """Count one more payment that belongs to no order."""
        self.loose[kept.method] += kept.amount
        self.loose_sources.add(kept.source)
        self.codes.update(str(dict(kept.facts).get("odd", "")).split())


def tally(storage: Storage) -> Tally:
    """Count everything that is stored."""
    found = Tally()
    for order in everything(storage, Order):
        found.order(order)
    for kept in everything(storage, LooseMoney):
        found.money(kept)
    return found


def everything(storage: Storage, kind: type[T]) -> Iterator[T]:
    """Every document of a kind, page by page."""
    after = ""
    while True:
        page = storage.find(Query(kind, limit=500, after=after))
        yield from (stored.value for stored in page.items)
        if not page.next:
            return
        after = page.next


def told(found: Tally, market: Marketplace, done: Replayed) -> Iterator[str]:
    """The report, line by line."""
    yield f"{len(market.sales):,} orders of the marketplace: {done.placed:,} placed and {done.completed:,} of them completed by the daily sweep;"
    yield f"{len(found.loose_sources):,} without items, of which {done.loose:,} payments are kept as loose money"
    yield from _table("orders by state", found.states)
    yield from _table("orders by standing", found.standings)
    yield from _sums(found)
    yield from _odd(found, market)
    yield ""
    yield f"commands that the shop refused: {len(done.refused)}"
    yield from (f"  {it.sale.row.file}, line {it.sale.row.line}: {it.command} got {it.refusal.code}: {it.refusal.message}" for it in done.refused)


def _table(title: str, counts: Counter[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {name:<24}{count:>8,}" for name, count in sorted(counts.items()))


def _money(cents: int) -> str:
    return f"{Money(cents, CURRENCY).decimal:>14,}"


def _sums(found: Tally) -> Iterator[str]:
    yield ""
    yield f"money in {CURRENCY}"
    for name in ("items", "freight", "refunded"):
        yield f"  {name:<24}{_money(found.sums[name])}"
    yield f"  {'paid, by type':<24}{'for orders':>14}{'loose':>14}{'together':>14}"
    for method in sorted({*found.paid, *found.loose}):
        yield f"    {method:<22}{_money(found.paid[method])}{_money(found.loose[method])}{_money(found.paid[method] + found.loose[method])}"
    paid, loose = found.paid.total(), found.loose.total()
    yield f"    {'all':<22}{_money(paid)}{_money(loose)}{_money(paid + loose)}"


def _odd(found: Tally, market: Marketplace) -> Iterator[str]:
    first: dict[str, str] = {}
    for file, line, _, code, _, _ in lines(market):
        first.setdefault(code, f"{file}, line {line}")
    yield ""
    yield "exceptions that were noted, by code"
    for code, count in sorted(found.codes.items(), key=lambda it: (-it[1], it[0])):
        yield f"  {code:<32}{count:>6,}  {REASONS.get(code, '')}"
        yield f"  {'':<38}  first in {first.get(code, 'no line')}"


Line = tuple[str, int, str, str, str, str]


def lines(market: Marketplace) -> Iterator[Line]:
    """Every odd fact: the file, the line, the order, the code, the reason, and what else is known."""
    for sale in sorted(market.sales, key=lambda sale: sale.row.line):
        for odd in odd_facts(sale):
            facts = " ".join(f"{name}={value}" for name, value in odd.facts)
            yield odd.row.file, odd.row.line, sale.id, odd.code, REASONS[odd.code], facts


def write(file: Path, market: Marketplace, done: Replayed) -> int:
    """Write every odd fact and every refusal into a file of comma-separated values; returns how many there are."""
    refused: Iterable[Line] = (
        (it.sale.row.file, it.sale.row.line, it.sale.id, "refused", it.refusal.message, f"command={it.command} code={it.refusal.code}")
        for it in done.refused
    )
    rows = [*lines(market), *refused]
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("file", "line", "order", "code", "reason", "facts"))
        writer.writerows(sorted(rows))
    return len(rows)
