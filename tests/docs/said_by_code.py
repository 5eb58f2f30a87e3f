"""What the code can say to its users: refusal codes, events, errors, port methods and states, collected from the code itself."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType, UnionType
from typing import get_args

import shopwright
from shopwright.errors import ShopwrightError
from shopwright.plugins import hookspecs
from tests.architecture.source import modules

# Protocols in `shopwright.ports` that nobody plugs in: what a pure function of that package reads.
READ_BY_FUNCTIONS = frozenset({"Books"})


def refusals() -> dict[str, str]:
    """Each refusal code that is written out in the package, and one module that says it."""
    return {code: name for name, argument in _refusal_arguments() for code in _literals(argument)}


def refusals_not_written_out() -> list[str]:
    """Places where the code of a refusal cannot be read off the page."""
    return [f"{name}:{argument.lineno} {ast.unparse(argument)}" for name, argument in _refusal_arguments() if not _literals(argument)]


def events() -> set[str]:
    """The names of the event classes: the members of every union called `...Event` in a module of events, and the entries of points."""
    told = (vars(module) for module in imported() if module.__name__.endswith(("events", ".entries")))
    unions = (thing for names in told for name, thing in names.items() if name.endswith(("Event", "Entry")) and isinstance(thing, UnionType))
    return {kind.__name__ for union in unions for kind in get_args(union)}


def errors() -> set[str]:
    """The names of all exceptions of the package."""
    imported()
    found = (ShopwrightError, *_below(ShopwrightError))
    return {kind.__name__ for kind in found if kind.__module__.startswith("shopwright.")}


def port_methods() -> set[str]:
    """`Port.method` for each protocol in `shopwright.ports`."""
    return {
        f"{name}.{method}"
        for module in imported()
        if module.__name__.startswith("shopwright.ports")
        for name, kind in _own_classes(module)
        if getattr(kind, "_is_protocol", False) and not name.startswith("_") and name not in READ_BY_FUNCTIONS
        for method, member in vars(kind).items()
        if not method.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }


def numbered_rules() -> set[str]:
    """The numbers of rules (`ORDER-4`) that stand in the code."""
    texts = (module.path.read_text(encoding="utf-8") for module in modules())
    return {rule for text in texts for rule in re.findall(r"\b(?!UTF-|ISO-|SHA-|AES-)[A-Z]{3,}-\d+\b", text)}


def hooks() -> set[str]:
    """The names of all hooks."""
    return {name for name in vars(hookspecs) if name.startswith("shopwright_")}


def states() -> set[str]:
    """The value of every member of every enumeration in the modules called `states`."""
    return {
        str(member.value)
        for module in imported()
        if module.__name__.endswith(".states")
        for _, kind in _own_classes(module)
        if issubclass(kind, enum.Enum)
        for member in kind
    }


@cache
def imported() -> tuple[ModuleType, ...]:
    """Every module of the package, imported; what runs when imported (`__main__`) stays out."""
    names = (info.name for info in pkgutil.walk_packages(shopwright.__path__, "shopwright."))
    return tuple(importlib.import_module(name) for name in names if not name.endswith("__main__"))


def _refusal_arguments() -> Iterator[tuple[str, ast.expr]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Refusal" and node.args:
                yield module.name, node.args[0]


def _literals(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.IfExp):
        return _literals(argument.body) + _literals(argument.orelse)
    return [argument.value] if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else []


def _own_classes(module: ModuleType) -> Iterator[tuple[str, type]]:
    return ((name, kind) for name, kind in vars(module).items() if inspect.isclass(kind) and kind.__module__ == module.__name__)


def _below(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
