"""A value is frozen all the way down: what was decided yesterday reads the same today."""

from __future__ import annotations

import ast

from tests.architecture.source import classes, core

MAKERS = frozenset({"define", "mutable", "frozen", "attrs", "s", "dataclass"})
MUTABLE = frozenset("list dict set List Dict Set bytearray defaultdict OrderedDict deque MutableMapping MutableSequence MutableSet".split())


def maker(node: ast.ClassDef) -> ast.expr | None:
    """The decorator that makes a class a value, if there is one."""
    return next((item for item in node.decorator_list if _last_name(item) in MAKERS), None)


def is_frozen(decorator: ast.expr) -> bool:
    """Whether this decorator freezes."""
    said = [word.value for word in getattr(decorator, "keywords", []) if word.arg == "frozen"]
    return _last_name(decorator) == "frozen" or any(isinstance(value, ast.Constant) and value.value is True for value in said)


def test_every_value_of_the_core_is_frozen():
    found = [
        f"{module.name}.{node.name}"
        for module in core()
        for node in classes(module.tree)
        if (decorator := maker(node)) is not None and not is_frozen(decorator)
    ]
    assert found == []


def test_no_value_of_the_core_holds_a_list_a_dict_or_a_set():
    found = [
        f"{module.name}.{node.name}.{ast.unparse(item.target)}: {ast.unparse(item.annotation)}"
        for module in core()
        for node in classes(module.tree)
        if maker(node) is not None
        for item in node.body
        if isinstance(item, ast.AnnAssign) and _names(item.annotation) & MUTABLE
    ]
    assert found == []


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def _names(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)
    }
