"""The commands about masters: `shopwright vault ACTION`.

A keyring is a text file that only the shop may read, a line per master, the current one first; `-` reads it from standard input, so that it need not
lie on a disk. A secret is printed by `vault new` alone, and never told in an error.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from shopwright.adapters.databases import open_storage
from shopwright.adapters.vault import AesVault, Keyring, Master
from shopwright.errors import InvalidValue
from shopwright.flows.members.rehashing import hashed_under
from shopwright.members.member import Member
from shopwright.members.sealing import PersonalKey
from shopwright.plugins import Plugins
from shopwright.ports.storage import Query, Storage
from shopwright.shop import Shop
from shopwright.wire.kinds import KINDS

T = TypeVar("T")

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_PAGE = 1_000
_EPILOG = """\
what is personal is sealed under a key per person, and each of these is wrapped under a master that stands in a keyring, not in the database:
  2026-11 jzQ...=        the current one: the first line
  2025-11 K8d...=        an older one, for as long as something is wrapped under it

to rotate, with the shop open all the while:
  shopwright vault new 2026-11                      print a line for a new master; put it first in the keyring of every process
  shopwright vault rotate sqlite:///mall.sqlite --keyring masters.txt
  shopwright vault status sqlite:///mall.sqlite     tell which masters are still needed; destroy the others, with their copies
"""


def add(commands: Parsers) -> None:
    """Add `vault` and its actions to the command."""
    parser = commands.add_parser(
        "vault",
        help="make, rotate and watch over the masters that personal data hangs on",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser("new", help="print a line for a new master, made from the chance of this machine")
    new.add_argument("id", help="its id, such as 2026-11; an id is never used for two masters")
    new.set_defaults(act=_new)
    status = _database(actions.add_parser("status", help="tell how many keys are wrapped, and members hashed, under which master"))
    status.set_defaults(act=_status)
    rotate = _database(actions.add_parser("rotate", help="bring all keys and hashes under the first master of a keyring; safe to repeat"))
    rotate.add_argument("--keyring", required=True, metavar="FILE", help="the masters, the current one first; - is standard input")
    rotate.set_defaults(act=_rotate)


def _database(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("url", help="sqlite:///path or postgresql://...")
    parser.add_argument("--scope", default="", help="the tenant whose keys are meant (default: the shop without a scope)")
    return parser


def _new(options: argparse.Namespace) -> int:
    print(Master.new(options.id).line())
    return 0


def _status(options: argparse.Namespace) -> int:
    opened = _opened(options)
    try:
        storage = opened.scoped(options.scope) if options.scope else opened
        keys = Counter(key.master for key in _each(storage, PersonalKey))
        members = Counter(master for member in _each(storage, Member) for master in hashed_under(member))
    finally:
        opened.close()
    for master in sorted({*keys, *members}):
        print(f"{master}: {keys[master]} keys, {members[master]} members")
    if not keys and not members:
        print("no keys")
    return 0


def _each(storage: Storage, kind: type[T]) -> Iterator[T]:
    after = ""
    while True:
        page = storage.find(Query(kind, limit=_PAGE, after=after))
        yield from (it.value for it in page.items)
        if not page.next:
            return
        after = page.next


def _rotate(options: argparse.Namespace) -> int:
    vault, opened = AesVault(_keyring(options.keyring)), _opened(options)
    try:
        shop = Shop(opened.scoped(options.scope) if options.scope else opened, vault=vault)
        done = shop.persons.rotate(progress=_progress)
    finally:
        opened.close()
    older = ", ".join(vault.masters[1:])
    print(f"wrapped {done.keys} keys and hashed {done.members} members anew; all of them are under {done.master} now")
    if older:
        print(f"once no process uses a keyring that begins with another master, and no scope is left, destroy {older}")
    return 0


def _opened(options: argparse.Namespace) -> Storage:
    return open_storage(options.url, kinds=Plugins().load().kinds(KINDS))


def _keyring(path: str) -> Keyring:
    try:
        return Keyring.parse(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidValue(f"the keyring {path!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidValue(f"the keyring {path!r} is no text; expected a line `<id> <base64 of 32 bytes>` per master") from None


def _progress(what: str, done: int) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"{what}: {done}", end=end, file=sys.stderr, flush=True)
