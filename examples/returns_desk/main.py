"""A returns desk in the terminal: a clerk works through what customers are not content with.

python examples/returns_desk/main.py                        at a terminal: type `help`
python examples/returns_desk/main.py --script FILE          what a file says (- for the standard input)
python examples/returns_desk/main.py --place FOLDER         keep the mall there, and go on with it the next time
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from clerks_terminal.mall import opened
from clerks_terminal.session import conversation


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="returns_desk", description="A returns desk in the terminal.", epilog="Type `help` at the prompt.")
    parser.add_argument("--script", metavar="FILE", help="read the commands from this file, or from the standard input (-), instead of the keyboard")
    parser.add_argument("--place", type=Path, metavar="FOLDER", help="keep the mall in this folder; without it each run begins anew")
    said = parser.parse_args()
    with opened(said.place) as world:
        if said.script is None and sys.stdin.isatty():
            return conversation(world, None)
        if said.script in (None, "-"):
            return conversation(world, sys.stdin)
        with Path(said.script).open(encoding="utf-8") as script:
            return conversation(world, script)


if __name__ == "__main__":
    sys.exit(main())
