"""The `shopwright` command, as somebody at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.cli import main


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
