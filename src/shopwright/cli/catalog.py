"""The commands about the catalog: `shopwright catalog ACTION`. Files are read and written a batch at a time, and may have any length."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from shopwright.adapters.databases import open_storage
from shopwright.catalog.terms import CatalogTerms
from shopwright.errors import InvalidValue
from shopwright.members.actors import staff
from shopwright.plugins import Plugins
from shopwright.shop import Shop
from shopwright.wire.catalog_files import Form
from shopwright.wire.catalog_groups import RowProblem
from shopwright.wire.catalog_importing import ImportReport, check_catalog
from shopwright.wire.kinds import KINDS

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_EPILOG = """\
a file is CSV with a row for each variant, or JSON lines with an object for each product group; its name tells which, or --form does

examples:
  shopwright catalog check  goods.csv                               tell what is wrong with a file, and nothing else
  shopwright catalog import sqlite:///mall.sqlite goods.csv         keep what is new or has changed; safe to repeat
  shopwright catalog export sqlite:///mall.sqlite goods.jsonl       write all product groups
"""


def add(commands: Parsers) -> None:
    """Add `catalog` and its actions to the command."""
    parser = commands.add_parser(
        "catalog",
        help="check, import and export product groups",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = _file(actions.add_parser("check", help="tell by line what is wrong with a file; exit with 1 where something is"))
    check.add_argument("--url", default="", help="a database with whose product groups and attributes the file is compared")
    check.set_defaults(act=_check)
    bring = _file(_database(actions.add_parser("import", help="keep what is new or has changed in a file; safe to repeat")))
    bring.add_argument("--key", default="", help="a name for this import (default: the file's name and the time)")
    bring.add_argument("--by", default="import", help="who it is, as the stream of the catalog tells it (default: %(default)s)")
    bring.add_argument("--language", action="append", default=[], metavar="TAG", help="in which language products are named; the first that there is")
    bring.set_defaults(act=_import)
    _file(_database(actions.add_parser("export", help="write all product groups into a file; - is standard output"))).set_defaults(act=_export)


def _database(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("url", help="sqlite:///path or postgresql://...")
    return parser


def _file(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("file", help="the file; - is standard input or output")
    parser.add_argument("--form", choices=("csv", "jsonl"), help="what the file is, where its name does not tell")
    parser.add_argument("--scope", default="", help="the tenant whose catalog it is (default: the shop without a scope)")
    return parser


def _form(options: argparse.Namespace) -> Form:
    told = options.form or Path(options.file).suffix.removeprefix(".")
    if told == "csv":
        return "csv"
    if told in ("jsonl", "ndjson"):
        return "jsonl"
    raise InvalidValue(f"expected a file whose name ends with .csv or .jsonl, got {options.file}; or say --form csv or --form jsonl")


@contextmanager
def _opened(options: argparse.Namespace, mode: Literal["r", "w"]) -> Iterator[IO[str]]:
    if options.file == "-":
        yield sys.stdin if mode == "r" else sys.stdout
        return
    try:
        with Path(options.file).open(mode, encoding="utf-8-sig" if mode == "r" else "utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise InvalidValue(f"cannot open {options.file}: {error.strerror}") from None


@contextmanager
def _shop(options: argparse.Namespace, **terms: Any) -> Iterator[Shop]:
    storage = open_storage(options.url, kinds=Plugins().load().kinds(KINDS))
    try:
        yield Shop(storage.scoped(options.scope) if options.scope else storage, catalog=CatalogTerms(**terms))
    finally:
        storage.close()


def _check(options: argparse.Namespace) -> int:
    form = _form(options)
    with _opened(options, "r") as lines:
        if options.url:
            with _shop(options) as shop:
                return _told(shop.catalog.check(lines, form=form, progress=_progress))
        return _told(check_catalog(lines, form=form, progress=_progress))


def _import(options: argparse.Namespace) -> int:
    form, now = _form(options), datetime.now(UTC)
    key = options.key or f"{Path(options.file).name[-60:]} {now:%Y-%m-%dT%H:%M:%S}"
    with _shop(options, languages=tuple(options.language)) as shop, _opened(options, "r") as lines:
        report = shop.catalog.bring_in(lines, form=form, key=key, by=staff(options.by), at=now, progress=_progress, tell=_problem)
    return _told(report, problems=False)


def _export(options: argparse.Namespace) -> int:
    form = _form(options)
    with _shop(options) as shop:
        lines = shop.catalog.write_out(form=form)
        with _opened(options, "w") as file:
            file.writelines(lines)
    return 0


def _progress(report: ImportReport) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"groups: {report.groups}, mistakes: {report.wrong}", end=end, file=sys.stderr, flush=True)


def _problem(problem: RowProblem) -> None:
    print(problem)


def _told(report: ImportReport, *, problems: bool = True) -> int:
    for problem in report.problems if problems else ():
        print(problem)
    print(f"{report.created} new, {report.changed} changed, {report.unchanged} as they were, {report.wrong} mistakes")
    return 1 if report.wrong else 0
