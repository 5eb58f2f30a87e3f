"""The examples in docstrings, which the API pages show, say what really happens."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.architecture.source import modules

WITH_EXAMPLES = [f"shopwright.{module.name}".rstrip(".") for module in modules() if ">>>" in module.path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_hold(name, capsys):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True), capsys.readouterr().out
