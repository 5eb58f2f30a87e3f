"""A name says what a thing is for. Words that say nothing are refused."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import classes, functions, modules

EMPTY_WORDS = frozenset("util utils helper helpers common base services manager managers misc".split())
EMPTY_IN_FUNCTIONS = frozenset("util utils helper helpers misc".split())


def words(name: str) -> set[str]:
    """The words of a snake_case, CamelCase or dotted name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def test_the_words_of_a_name_are_found():
    assert words("adapters.sqlite_utils.HTTPBaseClient") == {"adapters", "sqlite", "utils", "http", "base", "client"}


def test_no_module_has_a_name_that_says_nothing():
    assert [module.name for module in modules() if words(module.name) & EMPTY_WORDS] == []


def test_no_class_has_a_name_that_says_nothing():
    assert [f"{module.name}.{node.name}" for module in modules() for node in classes(module.tree) if words(node.name) & EMPTY_WORDS] == []


def test_no_function_has_a_name_that_says_nothing():
    assert [f"{module.name}.{node.name}" for module in modules() for node in functions(module.tree) if words(node.name) & EMPTY_IN_FUNCTIONS] == []


def test_every_module_says_what_it_is_for():
    assert [module.name for module in modules() if not ast.get_docstring(module.tree)] == []
