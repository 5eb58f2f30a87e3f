"""The commands about promotion sets: `shopwright promotions ACTION`.

An action is a function that adds its parser to `ACTIONS` and sets `act`, which takes the options and gives the exit code: 0 when all is well, 1 when
something was found, 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from attrs import define, frozen

from shopwright.cli import simulate
from shopwright.cli.promotion_sets import Unreadable, promotions_of, text_of, words
from shopwright.promotions.lint import Code, Finding, Good, Severity, lint
from shopwright.wire.goods_files import read_goods
from shopwright.wire.marked import Place
from shopwright.wire.promotion_files import UnreadableFile, schema

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_A_SET = "a promotion set as YAML (needs the extra files) or, when it ends in .json, as JSON"
_EPILOG = """\
a promotion set is a file such as this, as YAML (needs the extra files) or as JSON:
  promotions:
    - id: spring
      ends: 2030-06-01T00:00:00Z
      when: {all: [{code: SPRING}, {cart_total: {least: 50.00 EUR}}]}
      effects: [{percent: {percent: 10 %}}]

examples:
  shopwright promotions lint promotions.yaml --strict
  shopwright promotions simulate promotions.yaml --orders orders.csv --margin 30
  shopwright promotions schema > promotions.schema.json
"""

_LINT_EPILOG = """\
a finding is ignored by its code, or by its code and the promotions that it is about:
  --ignore overlapping_stacks --ignore free_goods:welcome,friend

goods are a CSV file with the columns sku, price and cost, and as you like floor, product, seller, brand, categories and tags:
  sku,price,cost,tags
  tea,10.00 EUR,6.00 EUR,hot green

exits with 0 when nothing was found, with 1 for an error (with --strict also for a warning), with 2 when a file cannot be read
"""


def add(commands: Parsers) -> None:
    """Add the commands about promotions."""
    what = "check files of promotions, and try them on past orders"
    parser = commands.add_parser(
        "promotions", help=what, description=f"{what.capitalize()}.", epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for action in ACTIONS:
        action(actions)


def _add_schema(actions: Parsers) -> None:
    parser = actions.add_parser("schema", help="print the JSON Schema of promotion files, for editors and for checks in other languages")
    parser.set_defaults(act=_schema)


def _schema(_options: argparse.Namespace) -> int:
    print(json.dumps(schema(words()), indent=2))
    return 0


def _add_lint(actions: Parsers) -> None:
    parser = actions.add_parser(
        "lint",
        help="find promotions that do what nobody wants",
        description="Find promotions that do what nobody wants: that never apply, add up, cost too much or make each other pointless.",
        epilog=_LINT_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help=f"{_A_SET}; - is standard input")
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
    parser.add_argument("--strict", action="store_true", help="exit with 1 for a warning too")
    parser.add_argument("--ignore", metavar="CODE[:ID,ID]", type=_ignored, action="append", default=[], help="leave out these findings")
    parser.add_argument("--goods", metavar="CSV", help="goods with prices and costs, to find what can go below cost")
    parser.add_argument("--limited", metavar="ID", action="append", default=[], help="a promotion whose uses or budget a quota bounds")
    parser.add_argument("--at", metavar="TIME", type=_time, help="from when on the set is meant to be good (default: now)")
    parser.add_argument("--progress", action="store_true", help="say on stderr how far it is, as a terminal is told anyway for long sets")
    parser.set_defaults(act=_lint)


Ignored = tuple[str, frozenset[str]]


def _ignored(text: str) -> Ignored:
    code, _, ids = text.partition(":")
    if code not in set(Code):
        raise argparse.ArgumentTypeError(f"expected one of the codes {', '.join(Code)}, got {code!r}")
    return code, frozenset(filter(None, ids.split(",")))


def _time(text: str) -> datetime:
    try:
        found: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.utcoffset() is None:
        raise argparse.ArgumentTypeError(f"expected a time with its zone such as 2026-03-01T00:00:00Z, got {text!r}")
    return found


@frozen
class _Told:
    """A finding, with the file and the place of the first promotion that it is about."""

    file: str
    place: Place
    finding: Finding

    def __str__(self) -> str:
        return f"{self.file}:{self.place.line}:{self.place.column}: {self.finding}"

    @property
    def plain(self) -> dict[str, object]:
        """The same as plain data."""
        finding = self.finding
        about = {"code": finding.code, "severity": finding.severity, "promotions": list(finding.promotions), "message": finding.message}
        return {"file": self.file, "line": self.place.line, "column": self.place.column, **about}


def _lint(options: argparse.Namespace) -> int:
    told: list[_Told] = []
    unreadable: list[Unreadable] = []
    goods, known = _goods(options.goods, unreadable), words()
    for name in options.files:
        try:
            file = promotions_of(name, known)
        except Unreadable as error:
            unreadable.append(error)
            continue
        progress = _Progress(name, wanted=options.progress)
        at = options.at or datetime.now(UTC)
        found = lint(file.set, at=at, goods=goods, limited=frozenset(options.limited), progress=progress.tell)
        progress.end()
        told += [_Told(name, file.places[it.promotions[0]], it) for it in found if not _is_ignored(it, options.ignore)]
    _tell(told, unreadable, as_json=options.json)
    if unreadable:
        return 2
    return int(any(options.strict or it.finding.severity is Severity.ERROR for it in told))


@define
class _Progress:
    """How far the linter is: written over on a terminal where it takes long, and a line for each tenth where somebody asked for it."""

    name: str
    wanted: bool
    shown: int = 0

    def tell(self, done: int, total: int) -> None:
        """So many steps are done."""
        terminal = sys.stderr.isatty()
        part = 100 * done // total
        if part >= self.shown + (1 if terminal else 10) and (self.wanted or (terminal and total >= _LONG)):
            self.shown = part if terminal else part // 10 * 10
            sys.stderr.write(f"{self.name}: {self.shown} % looked at{_OVER if terminal else _NEXT}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self.shown and sys.stderr.isatty():
            sys.stderr.write(_CLEAR)


_LONG = 3_000
"""From so many steps on a terminal is told how far it is: some hundred promotions."""
_OVER, _NEXT, _CLEAR = "\r", "\n", "\r\x1b[K"


def _goods(name: str | None, unreadable: list[Unreadable]) -> tuple[Good, ...]:
    if name is None:
        return ()
    try:
        return read_goods(text_of(name))
    except Unreadable as error:
        unreadable.append(error)
    except UnreadableFile as error:
        unreadable.append(Unreadable(name, error.problems))
    return ()


def _is_ignored(finding: Finding, ignored: Iterable[Ignored]) -> bool:
    return any(finding.code == code and (not ids or ids == set(finding.promotions)) for code, ids in ignored)


def _tell(told: list[_Told], unreadable: list[Unreadable], *, as_json: bool) -> None:
    if as_json:
        problems = [
            {"file": it.name, "line": problem.line, "column": problem.column, "path": problem.path, "message": problem.message}
            for it in unreadable
            for problem in it.problems
        ]
        print(json.dumps({"findings": [it.plain for it in told], "problems": problems}, indent=2, ensure_ascii=False))
        return
    for each in unreadable:
        for problem in each.problems:
            path = f"{problem.path}: " if problem.path else ""
            print(f"{each.name}:{problem.line}:{problem.column}: {path}{problem.message}", file=sys.stderr)
    for one in told:
        print(one)
    if told:
        errors = sum(it.finding.severity is Severity.ERROR for it in told)
        print(f"{_count(errors, 'error')}, {_count(len(told) - errors, 'warning')}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


ACTIONS: tuple[Callable[[Parsers], None], ...] = (_add_lint, _add_schema, simulate.add)
"""Each adds the parser of one action."""
