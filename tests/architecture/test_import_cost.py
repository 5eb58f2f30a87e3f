"""`import shopwright` is light: attrs alone, no driver, no framework; heavy parts load on first use."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = frozenset(
    "asyncio cattrs concurrent dateutil http hypothesis json logging matplotlib multiprocessing numpy orjson pluggy psycopg pytest socket sqlite3 "
    "ssl subprocess threading urllib".split()
)


def loaded_by(module: str) -> set[str]:
    """The top names of what importing this module brings into a fresh interpreter."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - before))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {name.partition(".")[0] for name in names}


def test_importing_the_package_loads_attrs_and_no_heavy_part():
    assert loaded_by("shopwright") & HEAVY - loaded_by("attrs") == set()


def test_the_measure_sees_what_an_import_brings():
    assert json.__name__ in loaded_by("json")
