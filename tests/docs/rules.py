"""The numbered rules as a page: each is written once, in the docstring of the module that keeps it (`- ORDER-4: ...`).

`python -m tests.docs.rules` writes them to `docs/reference/rules.md`.
"""

from __future__ import annotations

import ast
import re
from itertools import groupby

from tests.architecture.source import modules
from tests.surroundings import ROOT

PAGE = ROOT / "docs" / "reference" / "rules.md"
COMMAND = "python -m tests.docs.rules"
RULE = re.compile(r"^- ([A-Z]{3,})-(\d+): (.+?)(?=^- |^$|\Z)", flags=re.MULTILINE | re.DOTALL)
HEAD = f"""\
# Rules by number

Rules that people argue about have a number. It stands beside the check in the code and in the test that holds it. This page is made
from the docstrings of the modules that keep the rules, by `{COMMAND}`.
"""


def defined() -> dict[tuple[str, int], tuple[str, str]]:
    """Each rule by subject and number: what it says, and the module that says it. Raises `ValueError` when two say the same number."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for module in modules():
        for subject, number, text in RULE.findall(ast.get_docstring(module.tree) or ""):
            rule = (subject, int(number))
            if rule in found:
                raise ValueError(f"{subject}-{number} is defined in {found[rule][1]} and in {module.name}; give one of them the next free number")
            found[rule] = (_sentence(text), module.name)
    return found


def page() -> str:
    """The whole page."""
    rules = sorted(defined().items())
    parts = [HEAD]
    for subject, group in groupby(rules, key=lambda rule: rule[0][0]):
        parts.append(f"\n## {subject}\n")
        parts += [f"\n{subject}-{number}\n: {text} (`shopwright.{module}`)\n" for (_, number), (text, module) in group]
    return "".join(parts)


def _sentence(text: str) -> str:
    plain = " ".join(text.split()).rstrip(";.")
    return plain[0].upper() + plain[1:] + "."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(defined())} rules")
