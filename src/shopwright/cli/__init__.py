"""The `shopwright` command: look after a shop's database, check its promotions, and see which adapters are installed.

Commands about promotions are in `shopwright.cli.promotions`, those about masters in `shopwright.cli.vault`, and those
about the catalog in `shopwright.cli.catalog`, those about simulated providers in `shopwright.cli.gateways`, that about
fraud rules in `shopwright.cli.risk`, those about statistics in `shopwright.cli.statistics`, and that which tells outlets in
`shopwright.cli.relay`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from shopwright.adapters import databases
from shopwright.cli import catalog, gateways, new, promotions, relay, risk, statistics, vault
from shopwright.errors import ShopwrightError
from shopwright.plugins import Plugins, discover
from shopwright.plugins.discovery import GROUPS
from shopwright.ports.kinds import Kinds
from shopwright.wire.kinds import KINDS

EPILOG = """\
a URL is sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host/name

examples:
  shopwright db upgrade sqlite:///mall.sqlite     make the database, or bring it up to this release
  shopwright db status  sqlite:///mall.sqlite     say how it stands; exit with 1 unless it is ready
  shopwright db prune   sqlite:///mall.sqlite     forget operations that are older than 30 days
  shopwright catalog import sqlite:///mall.sqlite goods.csv
                                                  keep the product groups of a file that are new or have changed
  shopwright promotions lint promotions.yaml      find promotions that do what nobody wants
  shopwright promotions simulate promotions.yaml --orders orders.csv
                                                  tell what they would have done to past orders
  shopwright simulate gateway alipay             be Alipay on this machine, to try a checkout with
  shopwright relay mall.shop:SHOP                 tell webhooks and brokers what happens, until it is told to stop
  shopwright risk rehearse sqlite:///mall.sqlite mall.rules:RISK --since 2026-01-01
                                                  tell what fraud rules would have said of past payments
  shopwright statistics report sqlite:///mall.sqlite --from 2026-03-01 --to 2026-03-31 --by week
                                                  tell orders, sales and rates, once `statistics follow` has counted them
  shopwright vault rotate sqlite:///mall.sqlite --keyring masters.txt
                                                  bring all keys of persons under a new master
  shopwright new gateway mypay                    begin a payment gateway of your own
  shopwright plugins                              list gateways, carriers and storages that are installed
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 when something is not as it should be, 2 when the command makes no sense."""
    options = _parser().parse_args(arguments)
    act: Callable[[argparse.Namespace], int] = options.act
    try:
        return act(options)
    except ShopwrightError as error:
        print(f"shopwright: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shopwright",
        description="The whole business of an online mall. This command looks after a shop's database, its promotions and its plug-ins.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shopwright {version('shopwright')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    db = commands.add_parser("db", help="make, upgrade, inspect and prune a database").add_subparsers(required=True, metavar="ACTION")
    _database(db.add_parser("upgrade", help="make a database, or bring it up to this release; safe to repeat"), _upgrade)
    _database(db.add_parser("status", help="say how a database stands, without changing it"), _status)
    prune = _database(db.add_parser("prune", help="forget old operations and reclaimed holds"), _prune)
    prune.add_argument("--days", type=_days, default=30, help="keep what is younger than this (default: %(default)s)")
    prune.add_argument("--scope", default="", help="the tenant whose operations are pruned (default: the shop without a scope)")
    catalog.add(commands)
    new.add(commands)
    promotions.add(commands)
    gateways.add(commands)
    relay.add(commands)
    risk.add(commands)
    statistics.add(commands)
    vault.add(commands)
    plugins = commands.add_parser("plugins", help="list the adapters and plug-ins that are installed, and what is broken")
    plugins.set_defaults(act=_plugins)
    return parser


def _database(parser: argparse.ArgumentParser, act: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser.add_argument("url", help="sqlite:///path or postgresql://...")
    parser.set_defaults(act=act)
    return parser


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"expected a number of days from 1 to 36500, got {text!r}")
    return int(text)


def _kinds() -> Kinds:
    """What the core and the installed plug-ins keep."""
    return Plugins().load().kinds(KINDS)


def _progress(what: str, done: int, total: int) -> None:
    """One line that is written over on a terminal, and one line a step elsewhere."""
    end = "\r" if sys.stderr.isatty() and done < total else "\n"
    print(f"{what}: {done} of {total}", end=end, file=sys.stderr, flush=True)


def _upgrade(options: argparse.Namespace) -> int:
    status = databases.upgrade(options.url, kinds=_kinds(), progress=_progress)
    return _told(status)


def _status(options: argparse.Namespace) -> int:
    return _told(databases.status(options.url, kinds=_kinds()))


def _told(status: databases.Status) -> int:
    print("\n".join(status.lines()))
    return 0 if status.is_current else 1


def _prune(options: argparse.Namespace) -> int:
    before = datetime.now(UTC) - timedelta(days=options.days)
    gone = databases.prune(options.url, before, kinds=_kinds(), scope=options.scope, progress=_progress)
    print(f"forgot {gone} operations and reclaimed holds older than {before:%Y-%m-%d}")
    return 0


def _plugins(_options: argparse.Namespace) -> int:
    plugins = Plugins().load()
    plugins.words()  # so that what is left out of them is told too
    broken = plugins.broken
    for kind in GROUPS:
        found = discover(kind)
        names = ", ".join(sorted(found.makers)) or "none"
        print(f"{kind}s: {names}")
        for one in found.lacking:
            print(f"{kind} without its extra: {one}")
        broken += found.broken
    for left in broken:
        print(f"broken: {left}", file=sys.stderr)
    return 1 if broken else 0
