"""`shopwright simulate gateway`: a payment provider on this machine, until it is stopped.

Rules
- it prints the settings to paste into a shop and where the buyer's page is, and then a line for each notification that was answered;
- everything listens on 127.0.0.1 only, keys are made anew for each run, and no money moves;
- it ends with 0 when it is stopped, by Ctrl-C or by SIGTERM.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from shopwright.adapters.simulators import SIMULATIONS, open_simulation
from shopwright.adapters.system import SystemClock
from shopwright.cli.buyers_page import buyers_page
from shopwright.cli.pushing import Manners, Pusher, where_to
from shopwright.errors import InvalidValue

EPILOG = """\
the provider checks every signature of your shop and signs every answer, with keys that are made for this run. Paste what is printed
into your shop, sell something, and be the buyer on the page.

examples:
  shopwright simulate gateway alipay --port 8810 --page-port 8811
  shopwright simulate gateway wechat --notify http://127.0.0.1:8000/wechat/notify
  shopwright simulate gateway alipay --notify http://127.0.0.1:8000/alipay/notify --times 3 --delay 5 --shuffle
  shopwright simulate gateway fake --file fake.journal

notifications are pushed again, 6 times at most, until your shop answers with success. The fake provider has no network: shop and
simulation share a file. Where an adapter needs an extra, `pip install 'shopwright[alipay]'` (or wechat, stripe) brings it.
"""
TICK = 0.2


def add(commands: Any) -> None:
    """Add the parser of this command."""
    simulate = commands.add_parser("simulate", help="let a payment provider live on this machine")
    actions = simulate.add_subparsers(required=True, metavar="WHAT")
    parser = actions.add_parser(
        "gateway",
        help="simulate a payment provider until it is stopped",
        description="Simulate a payment provider on this machine: real requests and signatures, no account, no money, until it is stopped.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", choices=sorted(SIMULATIONS), help=f"which provider: {', '.join(sorted(SIMULATIONS))}")
    parser.add_argument("--port", type=_port, default=0, help="where your shop reaches it (default: any that is free)")
    parser.add_argument("--page-port", type=_port, default=0, help="where the page of the buyer is (default: any that is free)")
    parser.add_argument("--file", type=Path, help="fake only: the file that it shares with your shop (default: fake.journal)")
    parser.add_argument("--notify", metavar="URL", help="where your shop takes notifications in; without it nothing is pushed")
    parser.add_argument("--times", type=_times, default=1, help="how often each notification is pushed (default: %(default)s)")
    parser.add_argument("--delay", type=_seconds, default=timedelta(), metavar="SECONDS", help="how much later it is pushed (default: at once)")
    parser.add_argument("--shuffle", action="store_true", help="push what comes at the same time in another order")
    parser.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    """Simulate until stopped."""
    if options.notify:
        where_to(options.notify)
    path = (options.file or Path("fake.journal")) if options.name == "fake" else options.file
    with stopped_by_signals() as stopped:
        serve(options, path, stopped, say=_say)
    _say("stopped")
    return 0


def serve(options: argparse.Namespace, path: Path | None, stopped: Event, *, say: Callable[[str], None]) -> None:
    """Simulate until the event is set."""
    clock = SystemClock()
    with ExitStack() as stack:
        try:
            simulation = stack.enter_context(open_simulation(options.name, clock=clock, port=options.port, path=path))
            page = stack.enter_context(buyers_page(simulation, port=options.page_port))
        except OSError as error:
            raise InvalidValue(f"cannot listen there: {error.strerror}; choose another port, or none") from error
        where = f"on {simulation.address}" if simulation.address else f"in {path}"
        say(f"{simulation.name} is simulated {where}; no money moves")
        say(f"be the buyer on {page}")
        manners = Manners(times=options.times, delay=options.delay, shuffled=options.shuffle)
        pusher = Pusher(simulation, options.notify, manners, clock=clock, tell=say) if options.notify else None
        say(f"notifications go to {options.notify}" if options.notify else "no notifications are pushed; say where to with --notify URL")
        say(f"paste this into your shop:\n\n{simulation.recipe()}")
        while not stopped.wait(TICK):
            if pusher is not None:
                pusher.step()


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set, as long as the block runs."""
    stopped = Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    print(line, flush=True)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)


def _times(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 100, got {text!r}")
    return int(text)


def _seconds(text: str) -> timedelta:
    if not text.isdecimal() or int(text) > 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds from 0 to 86400, got {text!r}")
    return timedelta(seconds=int(text))
