"""ExamplePay as a stranger gets it: installed from its wheel into an empty environment, found by its name, and held to the contract there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.surroundings import ROOT, missing

PLUGIN = ROOT / "examples" / "plugins" / "shopwright-examplepay"
METHODS = ("start", "capture", "void", "refund", "query", "query_refund", "split", "parse_notification", "ledger", "scrub", "name", "capabilities")
WITHOUT = """\
import os

from shopwright_examplepay import ExamplePay

if os.environ.get("WITHOUT"):
    delattr(ExamplePay, os.environ["WITHOUT"])
"""

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment of its own, and the tests of the plug-in; its source is out of reach."""
    folder = tmp_path_factory.mktemp("examplepay")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    command = [str(folder / "env" / "bin" / "python"), "-m", "pip", "install", "-q", f"{ROOT}[testing]", str(PLUGIN)]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode:
        missing(f"the plug-in could not be installed: {installed.stderr[-500:]}")
    shutil.copytree(PLUGIN / "tests", folder / "tests")
    shutil.copy(PLUGIN / "pyproject.toml", folder)
    (folder / "conftest.py").write_text(WITHOUT, encoding="utf-8")
    return folder


def run(place: Path, *options: str, without: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(place / "env" / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=place, env={"WITHOUT": without}, capture_output=True, text=True, check=False)


def test_examplepay_keeps_its_promises_from_its_wheel(place: Path):
    ended = run(place)
    assert ended.returncode == 0, ended.stdout
    assert "examplepay (shopwright-examplepay 0.1.0): " in ended.stdout
    assert "not staged" not in ended.stdout.partition("promises of gateways")[2].partition("kept")[0]


@pytest.mark.parametrize("method", METHODS)
def test_without_any_of_its_methods_the_kit_says_which_promise_broke(place: Path, method: str):
    ended = run(place, "--maxfail=3", "tests/test_contract.py", without=method)
    assert ended.returncode == 1, ended.stdout
    assert "; broken: GATEWAY-" in ended.stdout
    assert "docs/reference/gateway-promises.md#gateway-" in ended.stdout
