"""The floors of the house hold; the contract with its reason stands in pyproject.toml."""

from __future__ import annotations

import importlinter.cli

from tests.surroundings import ROOT


def test_no_module_imports_what_stands_above_it(capsys):
    exit_code = importlinter.cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert exit_code == 0, capsys.readouterr().out
