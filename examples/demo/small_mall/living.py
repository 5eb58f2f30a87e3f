"""The whole job: open a mall, let its days go by, tell what became of it."""

from __future__ import annotations

from pathlib import Path

from progress import Progress
from small_mall import days, report
from small_mall.world import World
from stores import opened


def main(*, kind: str, place: Path | None) -> None:
    """Let a small mall live and print what became of it."""
    with opened(kind, place, name="mall.sqlite") as store:
        world = World(store.storage)
        progress = Progress("the mall is open, hours gone by", days.hours())
        visitors = days.live(world, progress.at)
        progress.end(days.hours())
        for line in report.told(world, visitors):
            print(line)
        print(f"\nthe database is {store.place}\nlook into it with: {store.hint}")
