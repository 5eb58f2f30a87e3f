"""The command that begins a plug-in: `shopwright new gateway NAME`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from shopwright.errors import InvalidValue

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEMPLATE = ("cli", "gateway_template")
_EPILOG = """\
it installs at once, passes the checks of promise 1, and fails the others with what is still to be written:
  shopwright new gateway mypay
  cd shopwright-mypay
  pip install -e '.[testing]'
  pytest --gateway-promises 1
  pytest
"""


def add(commands: Parsers) -> None:
    """Add `new` and its actions to the command."""
    new = commands.add_parser("new", help="begin a plug-in from a template")
    kinds = new.add_subparsers(required=True, metavar="KIND")
    gateway = kinds.add_parser(
        "gateway",
        help="begin a payment gateway: a distribution with a simulator of its provider and the contract kit",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    gateway.add_argument("name", help="its name in lower case, such as mypay; it is stored with every payment and never changes")
    gateway.add_argument("--dir", type=Path, default=Path(), help="where to make the folder shopwright-NAME (default: here)")
    gateway.set_defaults(act=_gateway)


def _gateway(options: argparse.Namespace) -> int:
    made = make_gateway(options.name, options.dir)
    print(f"made {made}\nnext: cd {made}; pip install -e '.[testing]'; pytest --gateway-promises 1")
    return 0


def make_gateway(name: str, place: Path) -> Path:
    """The folder of a new distribution. Raises `InvalidValue` for a name that is no slug, and for a folder that is there already."""
    if not _NAME.fullmatch(name):
        raise InvalidValue(f"expected a name of lower-case letters, digits and underscores that begins with a letter, got {name!r}; try mypay")
    words = {"@name@": name, "@slug@": name.replace("_", "-"), "@Class@": "".join(part.capitalize() for part in name.split("_"))}
    target = place / f"shopwright-{words['@slug@']}"
    if target.exists():
        raise InvalidValue(f"{target} is there already; choose another name or --dir, or remove it")
    for path, content in _written(words).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return target


def _written(words: Mapping[str, str]) -> dict[Path, str]:
    """Each file of the distribution by its path."""
    template = files("shopwright").joinpath(*_TEMPLATE)
    package = Path("src", f"shopwright_{words['@name@']}")
    modules = ("__init__.py", "settings.py", "messages.py", "client.py", "simulator.py")
    beside = ("pyproject.toml", "README.md", "tests/test_contract.py")
    places = {package / module: module for module in modules} | {Path(name): name for name in beside}
    found = {package / "py.typed": ""}
    for path, name in places.items():
        text = template.joinpath(*f"{name}.txt".split("/")).read_text(encoding="utf-8")
        for placeholder, word in words.items():
            text = text.replace(placeholder, word)
        found[path] = text
    return found
