"""A mall lives its life before your eyes.

python examples/demo/main.py                                 a small mall of our own, on SQLite
python examples/demo/main.py --data FOLDER                   the real orders of a marketplace (the Olist files)
python examples/demo/main.py --data FOLDER --storage postgres --report odd.csv
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from marketplace import replaying, source
from shopwright import ShopwrightError
from small_mall import living
from stores import PLACES


def arguments() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(prog="demo", description="A mall lives its life before your eyes.")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="replay the real orders in this folder instead of a mall of our own")
    parser.add_argument("--storage", choices=PLACES, default="sqlite", help="where the mall is kept; postgres starts a server of its own")
    parser.add_argument("--place", type=Path, metavar="FILE", help="the database file (for postgres: the folder of the server) to make or go on with")
    parser.add_argument("--report", type=Path, metavar="FILE", help="with --data: write every odd fact, with its line and reason, to this file")
    return parser


def main() -> None:
    """Run what the command line asks for."""
    parser = arguments()
    said = parser.parse_args()
    if said.data is None and said.report is not None:
        parser.error("--report tells of the odd facts of real orders; it needs --data FOLDER")
    if said.data is None and said.place is not None and said.place.exists():
        parser.error(f"there is something at {said.place} already; a small mall needs a place of its own")
    try:
        if said.data is None:
            living.main(kind=said.storage, place=said.place)
        else:
            replaying.main(said.data, kind=said.storage, place=said.place, report_file=said.report)
    except (source.BadFile, ShopwrightError) as error:
        sys.exit(f"demo: {error}")


if __name__ == "__main__":
    main()
