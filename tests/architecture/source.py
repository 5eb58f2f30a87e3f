"""The source of the installed package as syntax trees, for rules that hold over all of it.

Reads the files of the package that is imported, so the same rules hold for the tree and for the wheel.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import field, frozen

import shopwright

PACKAGE = Path(shopwright.__file__).parent

# The pure core: facts in, outcome out. The shell is everything else.
CORE = frozenset(
    "changing errors refusals edges money periods ids catalog inventory members loyalty promotions pricing credit orders payments shipping "
    "returns settlement statistics reviews marketing social".split()
)


@frozen
class Module:
    """One file: its dotted name below `shopwright`, its lines and its syntax tree."""

    name: str
    path: Path
    lines: int
    tree: ast.Module = field(repr=False, eq=False)

    @property
    def floor(self) -> str:
        """The package or module right below `shopwright` that it belongs to."""
        return self.name.partition(".")[0]


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package in order of its name; the package itself is the empty name."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def core() -> tuple[Module, ...]:
    """The modules of the pure core."""
    return tuple(module for module in modules() if module.floor in CORE)


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each module imported at run time with its line; imports for type checkers alone do not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "", node.lineno)
        yield from imported(node)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    """Every class, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")
    return Module(name, path, len(text.splitlines()), ast.parse(text, filename=str(path)))
