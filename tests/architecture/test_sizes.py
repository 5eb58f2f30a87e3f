"""Small enough to be read: a module in one sitting, a function on one screen."""

from __future__ import annotations

from statistics import median

from tests.architecture.source import functions, modules
from tests.surroundings import ROOT

MODULE, FUNCTION, USUAL_MODULE, NOXFILE = 400, 70, 150, 180


def test_no_module_is_longer_than_one_sitting():
    assert {module.name: module.lines for module in modules() if module.lines > MODULE} == {}


def test_the_usual_module_is_short():
    assert median(module.lines for module in modules()) <= USUAL_MODULE


def test_no_function_is_longer_than_a_screen():
    long = {
        f"{module.name}.{function.name}": length
        for module in modules()
        for function in functions(module.tree)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION
    }
    assert long == {}


def test_the_noxfile_stays_readable():
    assert len((ROOT / "noxfile.py").read_text().splitlines()) <= NOXFILE
