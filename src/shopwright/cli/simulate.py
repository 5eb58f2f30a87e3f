"""`shopwright promotions simulate`: what a promotion set would have done to past orders, as a table, as JSON and as a picture.

Rules
- orders are read one at a time, so a file may have any length; a line on standard error tells how far it is;
- a file that cannot be read ends the command with 2 and the place of what is wrong; nothing is left out of the sums in silence;
- what is written goes to standard output, so that it can be piped; how far it is never does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any

from attrs import define

from shopwright.cli.promotion_sets import Unreadable, promotions_of, words
from shopwright.cli.simulation_picture import check_pictures, draw
from shopwright.cli.simulation_table import table
from shopwright.errors import CurrencyMismatch
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.simulation import PastOrder, Simulation
from shopwright.promotions.simulator import simulate
from shopwright.wire.past_orders import MOST_CHARACTERS, Form, UnreadableOrder, read_orders
from shopwright.wire.simulations import plain_simulation

EPILOG = """\
orders are CSV with a row for each order line, or JSON with an object for each order on a line of its own, oldest first:
  order,at,currency,paid,shipping,member,sku,quantity,unit_price,categories
  A1,2026-03-01T12:00:00+01:00,EUR,25.00,4.90,ann,TEA,2,10.05,drinks|hot

  {"order": "A1", "at": "2026-03-01T12:00:00+01:00", "currency": "EUR", "lines": [{"sku": "TEA", "quantity": 2, "unit_price": "10.05"}]}

winners are orders that would have paid less than what was paid, or than they would with the set of --against

exits with 0, or with 2 when a file cannot be read
"""
_OFTEN, _RARELY = 1_000, 100_000


def add(actions: Any) -> None:
    """Add the parser of this action."""
    parser = actions.add_parser(
        "simulate",
        help="tell what a promotion set would have done to past orders",
        description="Tell what a promotion set would have done to past orders: its cost, who wins and who loses, and when a budget was used up.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="a promotion set as YAML (needs the extra files) or, when it ends in .json, as JSON")
    parser.add_argument("--orders", metavar="FILE", required=True, help="past orders as .csv or .jsonl; - is standard input")
    parser.add_argument("--against", metavar="FILE", help="another promotion set, to compare with instead of what was paid")
    parser.add_argument("--margin", metavar="PERCENT", type=_margin, help="what is earned on goods before promotions, to tell the break-even")
    parser.add_argument("--json", metavar="OUT", help="write all numbers as JSON; - writes them to standard output instead of the table")
    parser.add_argument("--picture", metavar="OUT.svg", help="draw the cost over time; needs the extra pictures")
    parser.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    """Run it."""
    if options.picture:
        check_pictures()
    try:
        known = words()
        promotions = promotions_of(options.file, known).set
        against = promotions_of(options.against, known).set if options.against else None
    except Unreadable as error:
        for problem in error.problems:
            _say(f"{error.name}: {problem}")
        return 2
    try:
        found = _simulated(options.orders, promotions, against)
    except (UnreadableOrder, CurrencyMismatch) as error:
        _say(f"{options.orders}: {error}")
        return 2
    except OSError as error:
        _say(f"{options.orders}: cannot be read: {error.strerror or error}")
        return 2
    return _told(found, options)


def _margin(text: str) -> int:
    units, _, part = text.removesuffix("%").strip().partition(".")
    digits = f"{units}{part.ljust(2, '0')}"
    basis_points = int(digits) if units and len(part) <= 2 and digits.isascii() and digits.isdecimal() else 0
    if not 1 <= basis_points <= 10_000:
        raise argparse.ArgumentTypeError(f"expected a margin in percent above 0 and up to 100, such as 30 or 12.5, got {text!r}")
    return basis_points


def _simulated(name: str, promotions: PromotionSet, against: PromotionSet | None) -> Simulation:
    with _opened(name) as (stream, size):
        form = _form(name, stream)
        text = TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        lines = iter(lambda: text.readline(MOST_CHARACTERS + 1), "")
        progress = _Progress(stream, size)
        try:
            return simulate(progress.through(read_orders(lines, form=form)), promotions.engine(), against=against.engine() if against else None)
        finally:
            progress.end()
            text.detach()


@contextmanager
def _opened(name: str) -> Iterator[tuple[BufferedReader, int]]:
    """The bytes of a file and how many there are; 0 where nobody knows."""
    if name == "-":
        yield sys.stdin.buffer, 0  # type: ignore[misc]  # what stands behind standard input is a BufferedReader
        return
    path = Path(name)
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


def _form(name: str, stream: BufferedReader) -> Form:
    """By its name, else by how it begins."""
    ending = Path(name).suffix.lower()
    if ending in {".csv", ".jsonl", ".ndjson"}:
        return "csv" if ending == ".csv" else "jsonl"
    return "jsonl" if stream.peek(1).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"


@define
class _Progress:
    """How far it is: written over on a terminal, and now and then a line elsewhere."""

    stream: BufferedReader
    size: int
    done: int = 0

    def through(self, orders: Iterator[PastOrder]) -> Iterator[PastOrder]:
        """The same orders, counted."""
        every = _OFTEN if sys.stderr.isatty() else _RARELY
        for order in orders:
            self.done += 1
            if self.done % every == 0:
                self._tell("\r" if sys.stderr.isatty() else "\n")
            yield order

    def end(self) -> None:
        """Tell the last number."""
        self._tell("\n")

    def _tell(self, end: str) -> None:
        part = f", {min(100, self.stream.tell() * 100 // self.size)} % of the file" if self.size else ""
        sys.stderr.write(f"simulating: {self.done:,} orders{part}{end}")
        sys.stderr.flush()


def _told(found: Simulation, options: argparse.Namespace) -> int:
    plain = json.dumps(plain_simulation(found, margin=options.margin), indent=2, ensure_ascii=False) + "\n" if options.json else ""
    sys.stdout.write(plain if options.json == "-" else table(found, margin=options.margin) + "\n")
    try:
        if options.json and options.json != "-":
            Path(options.json).write_text(plain, encoding="utf-8")
        if options.picture:
            with Path(options.picture).open("wb") as out:
                draw(found, out)
    except OSError as error:
        _say(f"{error.filename}: cannot be written: {error.strerror or error}")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
