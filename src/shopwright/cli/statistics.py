"""The commands about what a shop counts: `shopwright statistics follow` and `shopwright statistics report`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from shopwright.adapters.databases import open_storage
from shopwright.cli.statistics_picture import check_drawn, draw
from shopwright.plugins import Plugins
from shopwright.shop import Shop
from shopwright.statistics.reports import By, check_by
from shopwright.statistics.terms import StatisticsTerms
from shopwright.wire.kinds import KINDS
from shopwright.wire.statistics_rows import report_lines

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_EPILOG = """\
what was counted so far is told; count what is new first, now and then:
  shopwright statistics follow sqlite:///mall.sqlite --zone Europe/Berlin
  shopwright statistics report sqlite:///mall.sqlite --zone Europe/Berlin --from 2026-03-01 --to 2026-03-31 --by week,channel
"""


def add(commands: Parsers) -> None:
    """Add `statistics` and its actions to the command."""
    parser = commands.add_parser("statistics", help="count orders, sales and visits, and tell what was counted")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    follow = _of_shop(actions.add_parser("follow", help="count what happened since the last time"))
    follow.set_defaults(act=_follow)
    report = actions.add_parser(
        "report", help="tell what was counted between two days", epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _of_shop(report)
    report.add_argument("--from", dest="since", type=_day, required=True, help="the first day, such as 2026-03-01")
    report.add_argument("--to", dest="until", type=_day, required=True, help="the last day, which counts too")
    report.add_argument("--by", type=_by, default=(By.DAY,), help="what to have rows by, such as month,category (default: day)")
    report.add_argument("--currency", default="", help="of which orders (default: of the only currency)")
    report.add_argument("--csv", action="store_true", help="print all that was counted as CSV")
    report.add_argument("--picture", metavar="OUT.svg", help="draw sales and orders; needs the extra pictures")
    report.set_defaults(act=_report)


def _of_shop(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("url", help="sqlite:///path or postgresql://...")
    parser.add_argument("--zone", default="UTC", help="the zone whose days these are, as the shop has it (default: %(default)s)")
    parser.add_argument("--edition", type=int, default=1, help="the edition that the shop counts in (default: %(default)s)")
    parser.add_argument("--scope", default="", help="the tenant (default: the shop without a scope)")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-03-01, got {text!r}") from None


def _by(text: str) -> tuple[By, ...]:
    try:
        return check_by(tuple([By(word) for word in text.split(",") if word]))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(By)}, with commas between them, got {text!r} ({error})") from None


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Shop]:
    kept = open_storage(options.url, kinds=Plugins().load().kinds(KINDS))
    try:
        terms = StatisticsTerms(zone=options.zone, edition=options.edition)
        yield Shop(kept.scoped(options.scope) if options.scope else kept, statistics=terms)
    finally:
        kept.close()


def _follow(options: argparse.Namespace) -> int:
    count = 0
    with _opened(options) as shop:
        while more := shop.statistics.follow():
            count += more
            if sys.stderr.isatty():
                print(f"counting: {count:,} records", end="\r", file=sys.stderr, flush=True)
    print(f"counted {count} records")
    return 0


def _report(options: argparse.Namespace) -> int:
    if options.picture:
        check_drawn(options.by)
    with _opened(options) as shop:
        report = shop.statistics.report(since=options.since, until=options.until, by=options.by, currency=options.currency)
    if options.csv:
        sys.stdout.writelines(report_lines(report))
    else:
        print(report.as_table())
    if not options.picture:
        return 0
    try:
        with Path(options.picture).open("wb") as out:
            draw(report, out)
    except OSError as error:
        print(f"{error.filename}: cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0
