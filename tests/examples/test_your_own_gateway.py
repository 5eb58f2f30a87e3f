"""`shopwright new gateway` and the tutorial that goes on from it: what a stranger types works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shopwright import cli
from shopwright.cli.new import make_gateway
from shopwright.errors import InvalidValue
from tests.surroundings import ROOT

TUTORIAL = ROOT / "docs" / "tutorial" / "your-own-gateway.md"


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder / "src"), str(ROOT / "src")])
    command = [sys.executable, "-m", "pytest", "-q", *options]
    return subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False)


def test_a_new_gateway_has_its_shape_and_says_what_is_to_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["new", "gateway", "my_pay", "--dir", str(tmp_path)]) == 0
    made = tmp_path / "shopwright-my-pay"
    assert f"made {made}" in capsys.readouterr().out
    assert [path for path in made.rglob("*") if path.is_file() and re.search(r"@\w+@|xamplepay", path.read_text(encoding="utf-8"))] == []
    assert pytest_in(made, "--gateway-promises", "1").returncode == 0
    told = pytest_in(made, "--gateway-promises", "6,11").stdout
    assert "NotImplementedError: start is not written yet" in told
    assert "; broken: GATEWAY-6, GATEWAY-11\n" in told


@pytest.mark.parametrize("name", ["MyPay", "9pay", "my-pay", "../pay", "", "a" * 41])
def test_a_name_that_is_no_slug_is_refused(name: str, tmp_path: Path):
    with pytest.raises(InvalidValue, match="expected a name of lower-case letters"):
        make_gateway(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "shopwright-mypay").mkdir()
    assert cli.main(["new", "gateway", "mypay", "--dir", str(tmp_path)]) == 1
    assert "is there already; choose another name or --dir, or remove it" in capsys.readouterr().err
    assert list((tmp_path / "shopwright-mypay").iterdir()) == []


ALL = ",".join(map(str, range(1, 18)))


@pytest.mark.parametrize("promises", ["2,6,11", pytest.param(ALL, marks=pytest.mark.full)])
def test_the_gateway_of_the_tutorial_keeps_its_promises(promises: str, tmp_path: Path):
    made = make_gateway("mypay", tmp_path)
    blocks = re.findall(r"^```py\n(.*?)^```$", TUTORIAL.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    (made / "src" / "shopwright_mypay" / "client.py").write_text("\n\n".join(blocks), encoding="utf-8")
    ended = pytest_in(made, "--gateway-promises", promises, "--gateway-report", "promises.html")
    assert ended.returncode == 0, ended.stdout
    assert (made / "promises.html").read_text(encoding="utf-8").count("<svg") == 1
    assert "broken" not in ended.stdout
