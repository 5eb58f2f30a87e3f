"""The command about judging payments: `shopwright risk rehearse`.

Rules are Python, so they are named as an entry point is: `mall.rules:RISK`, a `shopwright.ports.risk.Risk` with the key of the shop, which is
imported from where the command runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shopwright.adapters.databases import open_storage
from shopwright.cli.naming import found_by_name
from shopwright.cli.risk_picture import draw
from shopwright.cli.simulation_picture import check_pictures
from shopwright.errors import InvalidValue
from shopwright.payments.risk.rehearsing import Rehearsal
from shopwright.payments.risk.telling import table
from shopwright.plugins import Plugins
from shopwright.ports.risk import Risk
from shopwright.shop import Shop
from shopwright.wire.kinds import KINDS

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_EPILOG = """\
the rules are tried on the payments of orders that a shop has, in the order of time, and nothing is written:
  shopwright risk rehearse sqlite:///mall.sqlite mall.rules:RISK --since 2026-01-01 --picture rules.svg

where mall/rules.py says:
  RISK = Risk(policies={"EUR": RiskPolicy(rules=(...))}, keys=(key_of_the_shop,))
"""


def add(commands: Parsers) -> None:
    """Add `risk` and its action to the command."""
    parser = commands.add_parser("risk", help="try fraud rules on past orders, before they decide on the next one")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    rehearse = actions.add_parser(
        "rehearse",
        help="tell what rules would have said of the payments of past orders",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rehearse.add_argument("url", help="sqlite:///path or postgresql://...")
    rehearse.add_argument("risk", metavar="MODULE:NAME", help="a Risk with the rules to try and the key that the shop keeps links under")
    rehearse.add_argument("--currency", default="", help="which of its policies (default: the only one)")
    rehearse.add_argument("--since", type=_time, required=True, help="the first day, or moment, such as 2026-01-01 or 2026-01-01T08:00+01:00")
    rehearse.add_argument("--until", type=_time, default=None, help="before which day, or moment (default: now)")
    rehearse.add_argument("--scope", default="", help="the tenant whose orders they are (default: the shop without a scope)")
    rehearse.add_argument("--json", action="store_true", help="print one object for other programs")
    rehearse.add_argument("--picture", metavar="OUT.svg", help="draw it; needs the extra pictures")
    rehearse.set_defaults(act=_rehearse)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-01-01, or a moment of ISO 8601, got {text!r}") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _rehearse(options: argparse.Namespace) -> int:
    if options.picture:
        check_pictures()
    risk = named(options.risk)
    currency = options.currency or _only(risk)
    kept = open_storage(options.url, kinds=Plugins().load().kinds(KINDS))
    try:
        shop = Shop(kept.scoped(options.scope) if options.scope else kept, risk=risk)
        report = shop.risk.rehearse(risk.policy(currency), currency=currency, since=options.since, until=options.until, progress=_progress)
    finally:
        kept.close()
    return _told(report, options)


def _told(report: Rehearsal, options: argparse.Namespace) -> int:
    print(json.dumps(plain(report), indent=2) if options.json else table(report))
    if not options.picture:
        return 0
    try:
        with Path(options.picture).open("wb") as out:
            draw(report, out)
    except OSError as error:
        print(f"{error.filename}: cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def named(name: str) -> Risk:
    """The `Risk` of this name, `module:name`. Raises `InvalidValue` where there is none."""
    found = found_by_name(name, what="a Risk as MODULE:NAME", example="mall.rules:RISK")
    if not isinstance(found, Risk):
        raise InvalidValue(f"expected a Risk at {name}, got {type(found).__name__}")
    return found


def _only(risk: Risk) -> str:
    currencies = [currency for currency, _ in risk.policies]
    if len(currencies) > 1:
        raise InvalidValue(f"there are rules for {', '.join(currencies)}; say which with --currency")
    return currencies[0]


def plain(report: Rehearsal) -> dict[str, Any]:
    """The rehearsal as plain data."""
    frauds = dict(report.frauds)
    return {
        "payments": report.payments,
        "verdicts": {verdict.value: {"payments": count, "fraud": frauds.get(verdict, 0)} for verdict, count in report.verdicts},
        "rules": [{"rule": it.rule, "fired": it.fired, "fraud": it.frauds, "alone": it.alone, "unknown": it.unknown} for it in report.rules],
    }


def _progress(orders: int) -> None:
    """One line that is written over on a terminal, and now and then a line elsewhere."""
    if sys.stderr.isatty() or orders % 10_000 == 0:
        print(f"rehearsing: {orders:,} orders", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
