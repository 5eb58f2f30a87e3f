"""Files of promotions as a command line names them: read, or told with all that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from shopwright.errors import InvalidValue
from shopwright.plugins import Plugins
from shopwright.wire.marked import FileProblem
from shopwright.wire.promotion_files import PromotionFile, UnreadableFile, form_of, read_promotions
from shopwright.wire.promotion_words import Words


class Unreadable(Exception):  # never leaves the command line
    """A file that cannot be read, with what is wrong."""

    def __init__(self, name: str, problems: Iterable[FileProblem]) -> None:
        self.name, self.problems = name, tuple(problems)
        super().__init__(name)


def text_of(name: str) -> str:
    """The text of a file, or of standard input for `-`. Raises `Unreadable`."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Unreadable(name, [FileProblem(1, 1, "", f"cannot be opened: {error.strerror or error}")]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(name, [FileProblem(line, 1, "", "expected text in UTF-8; save the file as UTF-8")]) from error


def words() -> Words:
    """What promotion files can say here, with the plug-ins that are installed; one that is left out is told."""
    plugins = Plugins().load()
    found = plugins.words()
    for one in plugins.broken:
        print(f"broken: {one}", file=sys.stderr)
    return found


def promotions_of(name: str, known: Words) -> PromotionFile:
    """The promotion set of a file. Raises `Unreadable`."""
    text = text_of(name)
    try:
        return read_promotions(text, form=form_of(name), words=known)
    except UnreadableFile as error:
        raise Unreadable(name, error.problems) from error
    except InvalidValue as error:
        raise Unreadable(name, [FileProblem(1, 1, "", str(error))]) from error
