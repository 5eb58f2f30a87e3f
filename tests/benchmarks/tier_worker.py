"""A process that places so many members once and tells what it took: processor seconds, the most memory it ever held, and who is in which tier."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import our_tiers, tier_work
from tests.benchmarks.sides import CPU

KIB_PER_MB = 1_024


def once(path: Path) -> dict[str, Any]:
    """All members of a table, in a stream; how far it is goes to stderr."""
    calls: list[int] = []

    def progress(seen: int) -> None:
        calls.append(seen)
        if len(calls) % 10 == 0:
            print(f"  {seen:,} members", file=sys.stderr, flush=True)

    begun = CPU()
    told = tier_work.told(our_tiers.placed(path, progress))
    seconds = CPU() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
    return {"told": told, "seconds": seconds, "mb": most, "progress": len(calls)}


if __name__ == "__main__":
    print(json.dumps(once(Path(sys.argv[1]))))
