"""The command: run the jobs, show progress, print the table, write `bench.json`, and with `--check` judge it."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from tests.benchmarks.jobs import JOBS
from tests.benchmarks.rows import Row, table, write_json
from tests.benchmarks.session import FULL, QUICK, Session, opened_session


def main(arguments: list[str]) -> int:
    """Run the benchmarks; 0 when all is well, 1 when `--check` found a row below its goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two: fewer and shorter slices; the heaviest rows are left out, and say so")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a row is below its goal")
    parser.add_argument("--only", metavar="JOB", action="append", choices=JOBS, help=f"one job (may be repeated): {', '.join(JOBS)}")
    parser.add_argument("--json", metavar="FILE", type=Path, default=Path("bench.json"), help="where the rows go (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    rows: list[Row] = []
    with opened_session(QUICK if chosen.quick else FULL) as session:
        for job in chosen.only or JOBS:
            rows += run_job(job, session)
    write_json(rows, chosen.json)
    print(table(rows))
    missed = [row for row in rows if row.missed]
    print(f"\n{len(rows)} rows in {time.monotonic() - begun:.0f} s, {len(missed)} below their goal; written to {chosen.json}")
    return 1 if chosen.check and missed else 0


def run_job(job: str, session: Session) -> list[Row]:
    """All rows of one job; what it holds is let go before the next one begins."""
    begun = time.monotonic()
    rows = list(importlib.import_module(JOBS[job]).rows(session))
    session.say(f"{job}: {len(rows)} rows in {time.monotonic() - begun:.1f} s")
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
