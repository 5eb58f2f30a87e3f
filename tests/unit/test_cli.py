"""The `shopwright` command, as somebody at a terminal meets it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.cli import main
from shopwright.ports.kinds import Kinds
from shopwright.ports.storage import Changeset, Committed, Operation, Put
from shopwright.testing.builders import an_order
from shopwright.wire.kinds import KINDS, ORDER


def test_help_tells_the_commands_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])

    said = capsys.readouterr().out
    assert stop.value.code == 0
    assert all(words in said for words in ("db", "plugins", "examples:", "shopwright db upgrade sqlite:///mall.sqlite"))


def test_a_database_is_made_then_up_to_date_then_pruned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'mall.sqlite'}"

    codes = [main(["db", "upgrade", url]), main(["db", "status", url]), main(["db", "prune", url, "--days", "7"])]

    said = capsys.readouterr().out
    assert codes == [0, 0, 0]
    assert "up to date" in said
    assert "forgot 0 operations" in said


def test_status_of_a_missing_database_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'none.sqlite'}"

    assert main(["db", "status", url]) == 1
    assert f"make one with `shopwright db upgrade {url}`" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()


def test_an_unknown_kind_of_url_is_refused_with_those_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "status", "mysql://localhost/mall"]) == 1
    assert "expected sqlite:///path or postgresql://..." in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "-1", "soon", "36501"])
def test_days_out_of_range_are_a_usage_error(days: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["db", "prune", "sqlite:///mall.sqlite", f"--days={days}"])

    assert stop.value.code == 2


def test_plugins_lists_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plugins"])

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("gateways: ")
    assert "fake" in said[0]
    assert "sqlite" in said[2]


def a_distribution(folder: Path, *, gateway: str = "", plugin: str = "") -> str:
    """A folder for `sys.path` with an installed distribution in it that brings these entry points."""
    information = folder / "oddpay-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: oddpay\nVersion: 1.0\n")
    groups = (("shopwright.gateways", gateway), ("shopwright.plugins", plugin))
    (information / "entry_points.txt").write_text("".join(f"[{group}]\nodd = {value}\n" for group, value in groups if value))
    return str(folder)


def test_a_broken_plugin_is_named_with_who_brings_it_and_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(a_distribution(tmp_path, gateway="no_such_module:Gateway", plugin="json:no_such_name"))

    assert main(["plugins"]) == 1
    said = capsys.readouterr()
    assert "broken: odd of oddpay 1.0 (shopwright.gateways) is left out: ModuleNotFoundError: No module named 'no_such_module'" in said.err
    assert "broken: odd of oddpay 1.0 (shopwright.plugins) is left out: AttributeError" in said.err
    assert "fake" in said.out.splitlines()[0]


def test_what_a_plug_in_brings_in_vain_for_promotions_is_named_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(a_distribution(tmp_path, plugin="tests.unit.plugins.raising_rules"))

    assert main(["plugins"]) == 1
    assert "broken: odd of oddpay 1.0 (shopwright.plugins) is left out: RuntimeError: the rules are gone" in capsys.readouterr().err


def test_a_long_upgrade_tells_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mall.sqlite"
    storage = SqliteStorage.open(path, kinds=Kinds((evolve(ORDER, indexes=()), *KINDS.documents[1:]), KINDS.records), upgrade=True)
    change = Changeset(Operation("k", "f"), datetime(2026, 3, 1, tzinfo=UTC), puts=(Put("o1", an_order()),))
    assert isinstance(storage.commit(change), Committed)
    storage.close()

    assert main(["db", "upgrade", f"sqlite:///{path}"]) == 0
    assert "1 of 1\n" in capsys.readouterr().err


def test_the_command_is_also_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "shopwright.cli", "--help"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.startswith("usage: shopwright")) == (0, True)
