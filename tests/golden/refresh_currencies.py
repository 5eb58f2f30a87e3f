"""Rewrite the frozen currency table from the `iso4217` distribution, which carries the standard's own XML list.

    pip install --upgrade iso4217
    python tests/golden/refresh_currencies.py

A code that ISO has withdrawn moves to `RETIRED` and never leaves. An exponent that changed is refused: amounts already stored in
that currency would change their value, so it needs a migration and a decision first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shopwright.money import iso4217 as frozen

TABLE = Path(frozen.__file__)
HEAD = '''"""The currencies of ISO 4217 with their minor units, as published; `tests/golden/refresh_currencies.py` writes this file.

Each row is (exponent, number, English name). `RETIRED` holds what the standard has withdrawn since 2014 and only grows.
"""

from __future__ import annotations

from typing import Final
'''

Row = tuple[int, int, str]


def published(source: Any) -> tuple[str, dict[str, Row]]:
    """The date and the rows of the module `iso4217`: every code that has a minor unit."""
    rows = {
        code: (int(row["CcyMnrUnts"]), int(row["CcyNbr"]), " ".join(row["CcyNm"].split()))
        for code, row in source.raw_table.items()
        if code and (row["CcyMnrUnts"] or "").isdigit()
    }
    return source.__published__.isoformat(), dict(sorted(rows.items()))


def moved_exponents(rows: dict[str, Row]) -> dict[str, tuple[int, int]]:
    """Codes whose exponent is not the frozen one, as (frozen, published)."""
    known = {**frozen.RETIRED, **frozen.ACTIVE}
    return {code: (known[code][0], row[0]) for code, row in rows.items() if code in known and known[code][0] != row[0]}


def rendered(date: str, active: dict[str, Row], retired: dict[str, Row]) -> str:
    """The text of the frozen module."""
    parts = [HEAD, f'PUBLISHED: Final = "{date}"', '"""The date of the list, as it says itself."""\n']
    for name, rows in (("ACTIVE", active), ("RETIRED", retired)):
        parts.append(f"{name}: Final[dict[str, tuple[int, int, str]]] = {{")
        parts += [f'    "{code}": ({places}, {number}, "{title}"),' for code, (places, number, title) in sorted(rows.items())]
        parts.append("}")
    return "\n".join(parts) + "\n"


def refreshed(source: Any) -> str:
    """What the frozen module should read, from this source and the codes frozen before."""
    date, active = published(source)
    moved = moved_exponents(active)
    if moved:
        raise SystemExit(f"exponents changed (frozen, published): {moved}; stored amounts would change value, so decide on a migration first")
    retired = {code: row for code, row in {**frozen.RETIRED, **frozen.ACTIVE}.items() if code not in active}
    return rendered(date, active, retired)


if __name__ == "__main__":
    import iso4217

    TABLE.write_text(refreshed(iso4217), encoding="utf-8")
    print(f"wrote {TABLE.name}: published {published(iso4217)[0]}")
