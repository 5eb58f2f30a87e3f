"""The same checkout through every gateway that can be simulated here, and through points: a table of each, and a picture of the money.

    python examples/checkout/pay_everywhere.py
    python examples/checkout/pay_everywhere.py --gateway alipay --storage sqlite --picture money.svg
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from script import Checkout, checkout
from sides import NAMES, opened
from telling import picture, table

from shopwright import Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import NotSupportedHere
from shopwright.ports.storage import Storage
from shopwright.testing import FrozenClock
from shopwright.wire.kinds import KINDS

STORAGES = ("memory", "sqlite", "postgres")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checkout through each gateway; 0 when all books are equal."""
    options = _parser().parse_args(arguments)
    found = []
    for name in options.gateway or NAMES:
        try:
            found.append(_run(name, options.storage))
        except NotSupportedHere as error:
            print(f"{name}: left out, {error}\n")
            continue
        print("\n".join(table(found[-1])), end="\n\n")
    if options.picture:
        options.picture.write_text(picture(found), encoding="utf-8")
        print(f"the picture is in {options.picture}")
    print(f"{sum(it.is_equal for it in found)} of {len(found)} checkouts end with equal books")
    return 0 if all(it.is_equal for it in found) else 1


def _run(name: str, kind: str) -> Checkout:
    clock = FrozenClock()
    with opened(name, clock) as side, _storage(kind) as storage:
        return checkout(Shop(storage, clock=clock, **side.ways()), side, clock)


@contextmanager
def _storage(kind: str) -> Iterator[Storage]:
    """A storage that is empty, and gone afterwards."""
    if kind == "memory":
        yield MemoryStorage(KINDS)
    elif kind == "sqlite":
        from shopwright.adapters.sqlite import SqliteStorage

        with TemporaryDirectory() as folder:
            storage = SqliteStorage.open(Path(folder) / "mall.sqlite", kinds=KINDS, upgrade=True)
            yield storage
            storage.close()
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage
        from shopwright.testing.postgres import LocalPostgres

        with LocalPostgres() as server:
            opened_one = PostgresStorage.open(server.conninfo, kinds=KINDS, upgrade=True)
            yield opened_one
            opened_one.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--gateway", nargs="+", choices=NAMES, help="through which (default: all)")
    parser.add_argument("--storage", choices=STORAGES, default="memory", help="where the shop is kept (default: %(default)s)")
    parser.add_argument("--picture", type=Path, help="write a picture of the money, as SVG")
    return parser


if __name__ == "__main__":
    sys.exit(main())
