"""The whole job: read the folder, send everything, count what is stored, tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from marketplace import report
from marketplace.source import Marketplace, read
from marketplace.timeline import TERMS, Replayed, Timeline, moments
from progress import Progress
from shopwright import OrderNumbers, Shop
from shopwright.ports.storage import Storage
from stores import Store, opened

BATCH = 200
"""How many things are done in one transaction."""


def in_one_go(storage: Storage, market: Marketplace) -> Replayed:
    """Replay with a transaction for every command, as a shop that is open works."""
    return Timeline(_shop(storage), market).run()


def in_batches(store: Store, market: Marketplace, told: Callable[[int], None] = lambda _: None) -> Replayed:
    """Replay with a transaction for every `BATCH` things, as an import works."""
    with store.in_batches() as batches:

        def tick(done: int) -> None:
            told(done)
            if done % BATCH == 0:
                batches.next()

        return Timeline(_shop(batches.storage), market, tick).run()


def _shop(storage: Storage) -> Shop:
    return Shop(storage, terms=TERMS, numbers=OrderNumbers(zone="America/Sao_Paulo"))


def main(folder: Path, *, kind: str, place: Path | None, report_file: Path | None) -> None:
    """Replay the marketplace in this folder and print what became of it."""
    market = read(folder)
    with opened(kind, place, name="marketplace.sqlite") as store:
        progress = Progress("replaying the marketplace", moments(market))
        done = in_batches(store, market, progress.at)
        progress.end(done.commands)
        for line in report.told(report.tally(store.storage), market, done):
            print(line)
        print(f"\nthe database is {store.place}\nlook into it with: {store.hint}")
    if report_file is not None:
        print(f"{report.write(report_file, market, done):,} odd facts are in {report_file}")
