"""What a user gets from `pip install shopwright` with no extra: everything but the parts that an extra is for.

Runs in `nox -s no_extras`, where nothing else is installed, and again with all the others.
"""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import shopwright

ROOT = Path(__file__).parent.parent.parent

# Each part that needs more than the bare install, and the top names of what it needs.
NEEDS = {
    "shopwright.adapters.alipay": {"cryptography"},
    "shopwright.adapters.postgres": {"psycopg", "psycopg_pool"},
    "shopwright.adapters.search_postgres": {"psycopg", "psycopg_pool"},
    "shopwright.adapters.rsa": {"cryptography"},
    "shopwright.adapters.simulators.alipay": {"cryptography"},
    "shopwright.adapters.simulators.stripe": {"stripe"},
    "shopwright.adapters.simulators.wechat": {"cryptography"},
    "shopwright.adapters.stripe": {"stripe"},
    "shopwright.adapters.wechat": {"cryptography"},
    "shopwright.testing": {"hypothesis", "pytest"},
}

MODULES = sorted(info.name for info in pkgutil.walk_packages(shopwright.__path__, "shopwright.", onerror=lambda _: None))


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_a_module_imports_or_names_the_extra_it_needs(name):
    needs = next((needs for part, needs in NEEDS.items() if f"{name}.".startswith(f"{part}.")), set())
    assert lacking(name) in {"", *needs}


def lacking(name: str) -> str:
    """The top name of the package that this module cannot be imported without; empty when nothing is lacking."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        return (error.name or str(error)).partition(".")[0]
    return ""


def test_the_quickstart_runs(tmp_path):
    run = subprocess.run([sys.executable, str(ROOT / "examples" / "quickstart.py")], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout


def test_every_adapter_is_found_by_its_entry_point():
    found = {group: sorted(point.name for point in entry_points(group=f"shopwright.{group}")) for group in ("gateways", "carriers", "storages")}
    assert {"alipay", "fake", "stripe", "wechat"} <= set(found["gateways"])
    assert {"flat_rate"} <= set(found["carriers"])
    assert {"memory", "postgres", "sqlite"} <= set(found["storages"])


def test_an_adapter_without_its_extra_says_what_to_install_and_breaks_nothing():
    command = "from shopwright.cli import main; raise SystemExit(main(['plugins']))"
    run = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    told = dict(line.split(": ", 1) for line in run.stdout.splitlines() if " without its extra: " not in line)
    lacking = {line.split(": ", 1)[1] for line in run.stdout.splitlines() if " without its extra: " in line}
    for name in ("alipay", "wechat"):
        assert (name in told["gateways"].split(", ")) is (f"{name} (pip install shopwright[{name}])" not in lacking)
