"""The pytest plug-in for gateways: what it runs, what it tells, and what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.surroundings import ROOT

BROKEN = """\
from shopwright.testing import GatewayContract
from tests.contracts.test_fake_gateway import FakeStage
from shopwright.adapters.fake_gateway import FakeGateway


class Generous(FakeGateway):
    def refund(self, request):
        return super().query(reference=request.payment)


class Stage(FakeStage):
    def __init__(self):
        super().__init__()
        self.gateway = Generous(self.provider)


class TestGenerous(GatewayContract):
    def make_gateway(self):
        return Stage()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "test_generous.py").write_text(BROKEN, encoding="utf-8")
    return folder


def run(place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "shopwright.testing.gateway_report", "--rootdir", str(place), *options],
        cwd=place,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_broken_gateway_is_told_by_promise_and_where_to_read_about_it(place: Path):
    told = run(place, "--gateway-promises", "6", "--gateway-report", "told.json").stdout
    assert "GATEWAY-6 is broken: no more goes back than came in" in told
    assert "docs/reference/gateway-promises.md#gateway-6" in told
    assert "; broken: GATEWAY-6\n" in told
    (gateway,) = json.loads((place / "told.json").read_text(encoding="utf-8"))
    assert {check["promise"] for check in gateway["checks"]} == {6}
    broken = [check for check in gateway["checks"] if check["verdict"] == "broken"]
    assert (gateway["name"], gateway["sums"]["broken"], len(broken)) == ("fake", len(broken), len(broken))
    assert "no more goes back than came in" not in "".join(check["why"] for check in broken)


@pytest.mark.parametrize(("ending", "begins"), [(".md", "# fake ("), (".html", "<!doctype html>")])
def test_a_report_tells_what_is_kept_refused_and_declared(place: Path, ending: str, begins: str):
    assert run(place, "--gateway-promises", "1,2,16", "--gateway-report", f"out{ending}").returncode == 0
    written = (place / f"out{ending}").read_text(encoding="utf-8")
    assert written.startswith(begins)
    assert "kept" in written
    assert "multi_capture" in written
    assert ("<svg" in written) is (ending == ".html")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--gateway-promises", "0"), "--gateway-promises takes numbers from 1 to 17 with commas between them, got '0'"),
        (("--gateway-report", "out.pdf"), "--gateway-report writes a file that ends in one of .html, .json, .md, got 'out.pdf'"),
    ],
)
def test_an_option_that_makes_no_sense_is_told_at_once(place: Path, options: tuple[str, ...], words: str):
    ended = run(place, *options)
    assert (ended.returncode, words in ended.stderr) == (4, True)


def test_a_report_of_several_processes_is_one(place: Path):
    assert run(place, "-n", "2", "--gateway-promises", "1,10", "--gateway-report", "two.json").returncode == 0
    (gateway,) = json.loads((place / "two.json").read_text(encoding="utf-8"))
    assert gateway["sums"] == {"kept": len(gateway["checks"])}
