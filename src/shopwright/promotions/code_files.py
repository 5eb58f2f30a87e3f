"""Codes as CSV lines and back, one at a time: what leaves the shop comes back as it was, and what cannot be read is told with its place.

Rules
- columns are `code`, `batch`, `member`, `expires` (ISO 8601 with a zone) and `uses` (a number, or `unlimited`); the first line names them, in
  any order; only `code` must be there. An empty or missing `uses` is one use;
- the separator is read off the first line: comma, semicolon or tab; written is always a comma. Blank lines do not count;
- a row is one line: a quotation mark that is not closed spoils its own line and no other;
- every line gives one row, or one problem for each cell that is wrong; nothing is left out and nothing is guessed. Whether a code comes twice
  is decided where codes are kept;
- no cell is a formula or changes in a spreadsheet: one that begins with = + - @ (in any width), or could be taken for a number or a date, is
  written behind an apostrophe; read, one leading apostrophe is dropped. A generated code never begins with any of those signs;
- lines are text and files are the caller's: open them with `encoding="utf-8-sig"` and `newline=""`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from shopwright.edges import identifier, maybe, of, text
from shopwright.errors import InvalidValue
from shopwright.periods import utc
from shopwright.promotions.code_batches import CodeBatch, codes
from shopwright.promotions.codes import SHARED, SINGLE_USE, CodePattern, Uses, read_code
from shopwright.promotions.coupons import MAX_CODE, normalize_code
from shopwright.refusals import Refusal

COLUMNS: Final = ("code", "batch", "member", "expires", "uses")
"""The columns, in the order in which they are written."""

_SEPARATORS = ",;\t"
_FORMULA = tuple("=+-@＝＋－＠\t'")
_MONTHS = "JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEP(?:T(?:EMBER)?)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?"
# Possessive, so that no text, however long, is tried in more than one way.
_NO_TEXT = re.compile(rf"(?=.*\d)(?:[\d\s.,:/%$€£¥-]|{_MONTHS}|AM|PM|E)*+", re.IGNORECASE)
_SHOWN = 200

_Reader = Callable[[str], Any]


def _id_or_empty(instance: Any, attribute: Any, value: Any) -> None:
    if value != "":
        identifier()(instance, attribute, value)


def _moment(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value, "CodeRow.expires")


@frozen
class CodeRow:
    """One code with what belongs to it; the code is kept as `normalize_code` has it, the time in UTC.

    Raises `InvalidValue` for an empty code, for ids with control characters or white space at their ends, and for a time without a zone.
    """

    code: str = field(converter=normalize_code, validator=text(least=1, most=MAX_CODE))
    batch: str = field(default="", validator=_id_or_empty, kw_only=True)
    """The id of its batch; empty for a code that came from elsewhere."""
    member: str | None = field(default=None, validator=maybe(identifier()), kw_only=True)
    """Whose code it is; `None` when it is for whoever has it."""
    expires: datetime | None = field(default=None, validator=maybe(of(datetime)), converter=_moment, kw_only=True)
    uses: Uses = field(default=SINGLE_USE, validator=of(Uses), kw_only=True)


@frozen
class RowProblem:
    """What is wrong with one cell: the number of its line from 1 on, its column, what stands there and what was expected.

    `column` is empty when the line as a whole cannot be read.
    """

    line: int
    column: str
    got: str
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        return f"{where}: expected {self.expected}, got {self.got!r}"


def rows_of(batch: CodeBatch, *, start: int = 0, stop: int | None = None) -> Iterator[CodeRow]:
    """The codes of a batch as rows, from position `start` to before `stop`, one at a time; raises `InvalidValue` as `codes` does."""
    made = codes(batch, start=start, stop=stop)
    return (
        CodeRow(code, batch=batch.id, member=batch.member_at(position), expires=batch.expires, uses=batch.uses)
        for position, code in enumerate(made, start)
    )


def code_lines(rows: Iterable[CodeRow], *, pattern: CodePattern | None = None) -> Iterator[str]:
    """The rows as CSV lines, each with its line end, headed by the names of the columns; with a `pattern`, codes have their dashes."""
    written = csv.writer(_Written(), lineterminator="\n")
    yield written.writerow(COLUMNS)
    for row in rows:
        code = row.code if pattern is None else pattern.write(row.code)
        ends = "" if row.expires is None else row.expires.isoformat()
        uses = "unlimited" if row.uses.total is None else str(row.uses.total)
        yield written.writerow((_safe(code), _safe(row.batch), _safe(row.member or ""), ends, uses))


def read_codes(lines: Iterable[str], *, pattern: CodePattern | None = None) -> Iterator[CodeRow | RowProblem]:
    """The rows of CSV lines, and the problems in their place, one at a time; with a `pattern`, codes must be of its form.

    Without a head that can be read, its problems are all that comes back. Raises `InvalidValue` for lines that are not text.
    """
    numbered = ((number, _text(line, number)) for number, line in enumerate(lines, 1))
    filled = ((number, line) for number, line in numbered if line.strip())
    number, head = next(filled, (1, ""))
    separator = next((each for each in _SEPARATORS if each in head), ",")
    columns, problems = _columns(head.removeprefix("\ufeff"), separator, number)
    if problems:
        yield from problems
        return
    readers = _readers(pattern)
    for number, line in filled:
        yield from _row(line, separator, number, tuple((column, *readers[column]) for column in columns))


class _Written:
    """A file of one line, which hands it back."""

    def write(self, line: str) -> str:
        return line


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or _NO_TEXT.fullmatch(cell) else cell


def _text(line: object, number: int) -> str:
    if not isinstance(line, str):
        raise InvalidValue(f"line {number} must be text, got {type(line).__name__}; open the file in text mode")
    return line.rstrip("\r\n")


def _columns(head: str, separator: str, number: int) -> tuple[tuple[str, ...], tuple[RowProblem, ...]]:
    cells = _cells(head, separator, number)
    if isinstance(cells, RowProblem):
        return (), (cells,)
    names = tuple(cell.lower() for cell in cells)
    problems = [
        RowProblem(number, name, cell[:_SHOWN], f"columns out of {', '.join(COLUMNS)}, each once")
        for at, (name, cell) in enumerate(zip(names, cells, strict=True))
        if name not in COLUMNS or name in names[:at]
    ]
    if not problems and "code" not in names:
        problems = [RowProblem(number, "", head[:_SHOWN], f"a head with the column code, and more out of {', '.join(COLUMNS)}")]
    return names, tuple(problems)


def _row(line: str, separator: str, number: int, columns: tuple[tuple[str, _Reader, str], ...]) -> Iterator[CodeRow | RowProblem]:
    cells = _cells(line, separator, number)
    if isinstance(cells, RowProblem):
        yield cells
        return
    if len(cells) != len(columns):
        yield RowProblem(number, "", line[:_SHOWN], f"{len(columns)} cells, found {len(cells)}")
        return
    values: dict[str, Any] = {}
    wrong = False
    for (column, read, expected), cell in zip(columns, cells, strict=True):
        try:
            values[column] = read(cell.removeprefix("'"))
        except ValueError as error:
            wrong = True
            yield RowProblem(number, column, cell[:_SHOWN], expected.format(error))
    if not wrong:
        yield CodeRow(**values)


def _cells(line: str, separator: str, number: int) -> list[str] | RowProblem:
    try:
        # A reader of its own for each line: a quotation mark that is not closed cannot swallow the lines after it.
        return [cell.strip() for cell in next(csv.reader((line,), delimiter=separator, strict=True))]
    except csv.Error as error:
        return RowProblem(number, "", line[:_SHOWN], f"cells that CSV allows ({error})")


def _readers(pattern: CodePattern | None) -> Mapping[str, tuple[_Reader, str]]:
    """How each column is read, and what is expected in it; `{}` stands for what the reader said."""
    identity = "an id of at most 200 characters, none of them a control character"
    if pattern is None:
        code: tuple[_Reader, str] = (_code, f"a code of 1 to {MAX_CODE} characters")
    else:
        code = (lambda cell: _code_like(pattern, cell), f"a code such as {pattern.write(pattern.spell(0))}: {{}}")
    return {
        "code": code,
        "batch": (lambda cell: CodeRow("ANY", batch=cell).batch, identity),
        "member": (lambda cell: CodeRow("ANY", member=cell or None).member, identity),
        "expires": (_expires, "a time with a zone such as 2026-04-01T00:00:00Z, or nothing"),
        "uses": (_uses, "a number from 1 on, unlimited, or nothing for one use"),
    }


def _code(cell: str) -> str:
    return CodeRow(cell).code


def _code_like(pattern: CodePattern, cell: str) -> str:
    code = read_code(pattern, cell)
    if isinstance(code, Refusal):
        raise InvalidValue(code.message.partition(": ")[2])
    return code


def _expires(cell: str) -> datetime | None:
    return utc(datetime.fromisoformat(cell), "expires") if cell else None


def _uses(cell: str) -> Uses:
    if cell.lower() == "unlimited":
        return SHARED
    if cell and not (cell.isascii() and cell.isdigit() and len(cell) < 20):
        raise InvalidValue("no number")
    return Uses(int(cell)) if cell else SINGLE_USE
