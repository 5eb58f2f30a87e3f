"""A crowd storms a flash sale on a real database, and you see who was served, how long they waited, and whether the books are right.

python examples/flash_sale/under_load/load.py                                             2,000 visits on SQLite, by 2 processes of 8 threads
python examples/flash_sale/under_load/load.py --storage postgres --way batched --processes 1 --threads 32 --picture rush.svg
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flash_crowd.buying import Outcome
from flash_crowd.picture import draw
from flash_crowd.running import Opener, in_processes, on_postgres, on_sqlite
from flash_crowd.sale import NOON, SECOND_WAVE, Sale, Visit, a_shop, stocked
from flash_crowd.story import Told, run
from shopwright.ports.quota_ways import QuotaWay


def arguments() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(prog="load", description="A crowd storms a flash sale.")
    parser.add_argument("--storage", choices=("sqlite", "postgres"), default="sqlite", help="postgres starts a server of its own")
    parser.add_argument("--way", choices=list(QuotaWay), default=QuotaWay.IN_TRANSACTION, type=QuotaWay, help="how the hot quotas are written")
    parser.add_argument("--visits", type=int, default=2_000, help="how many come (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="within how many seconds they come (default: %(default)s)")
    parser.add_argument("--units", type=int, default=300, help="how many units there are (default: %(default)s)")
    parser.add_argument("--share", type=int, default=2, help="how many a member may have (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="how many processes look after them (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=8, help="with how many threads each (default: %(default)s)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw who was served, and who waited how long, into this SVG file")
    return parser


@contextmanager
def place(kind: str, *, way: QuotaWay, threads: int) -> Iterator[Opener]:
    """A database for one sale, gone when it is over."""
    if kind == "postgres":
        from shopwright.testing.postgres import LocalPostgres

        with LocalPostgres() as server:
            yield on_postgres(server.conninfo, threads=threads, way=way)
        return
    with TemporaryDirectory() as folder:
        yield on_sqlite(Path(folder) / "mall.sqlite", way=way)


def held(opener: Opener, sale: Sale, *, processes: int, threads: int) -> Told:
    """The whole sale on one database."""

    def wave(visits: Sequence[Visit], number: int) -> tuple[Outcome, ...]:
        at = NOON if number == 1 else SECOND_WAVE
        return in_processes(opener, sale, visits, processes=processes, threads=threads, at=at, wave=number).outcomes()

    storage = opener()
    try:
        stocked(a_shop(storage, sale), sale)
        return run(storage, sale, wave, wave)
    finally:
        storage.close()


def main() -> None:
    """Hold the sale that the command line asks for."""
    parser = arguments()
    said = parser.parse_args()
    if said.storage == "sqlite" and said.way is QuotaWay.HOLD_FIRST:
        parser.error("SQLite has one writer at a time, so nothing is held first; allowed there: in_transaction, batched")
    sale = Sale(units=said.units, share=said.share, visits=said.visits, seconds=said.seconds)
    crew = f"{said.processes} processes of {said.threads} threads"
    print(f"{sale.units:,} teapots, {sale.share} for each member, {sale.visits:,} visits in {sale.seconds:g} s on {said.storage}, {said.way}, {crew}")
    with place(said.storage, way=said.way, threads=said.threads) as opener:
        told = held(opener, sale, processes=said.processes, threads=said.threads)
    print("\n".join(told.lines()))
    if said.picture is not None:
        draw(told.rush, told.fair, said.picture, title=f"{sale.units:,} units, {sale.visits:,} visits, {said.storage}, {said.way}")
        print(f"the picture is in {said.picture}")
    if told.end.oversold or not told.end.agree or told.fair.above_share:
        sys.exit("the books are wrong")


if __name__ == "__main__":
    main()
