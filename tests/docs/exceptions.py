"""The page of exceptions, made from their table: `python -m tests.docs.exceptions` writes `docs/reference/exceptions.md`."""

from __future__ import annotations

from shopwright.orders.exceptions import EXCEPTIONS, ExceptionKind, ExceptionMeaning, meaning_of
from tests.surroundings import ROOT

PAGE = ROOT / "docs" / "reference" / "exceptions.md"
COMMAND = "python -m tests.docs.exceptions"
HEAD = f"""\
# Exceptions

What can be wrong with an order, by code: what it means, how urgent it is, what one tries first, and how a person may resolve it. `by_itself` is not
among the ends, for no person says it: the shop does, when what was wrong is no more. This page
is made from the table in `shopwright.orders.exceptions`, by `{COMMAND}`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind in ExceptionKind:
        lines = [it for it in EXCEPTIONS if it.kind is kind] or [meaning_of("other")]
        parts.append(f"\n## About {_about(kind)}\n")
        parts += [_told(it) for it in lines]
    return "".join(parts)


def _about(kind: ExceptionKind) -> str:
    return "what only a host knows" if kind is ExceptionKind.OTHER else kind.value


def _told(line: ExceptionMeaning) -> str:
    tries = ", ".join(f"`shop.{verb}`" for verb in line.suggests)
    ends = ", ".join(f"`{how}`" for how in sorted(line.ends))
    return f"\n### `{line.code}`\n\n{line.meaning}\n\n- urgency: {line.severity}\n- try: {tries}\n- ends: {ends}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(EXCEPTIONS)} codes")
