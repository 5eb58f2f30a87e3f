"""The command that tells others what happens: `shopwright relay MODULE:SHOP`.

A shop with its outlets is Python, so it is named as an entry point is: `mall.shop:SHOP`, a `Shop`, or a function that opens one, imported from where
the command runs. It goes through the subscriptions again and again until it is told to stop (SIGTERM, or Ctrl-C): then it ends the notice that is on
its way and leaves, and whoever comes next goes on from there. Any number of them may run at the same time.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from shopwright.cli.naming import found_by_name
from shopwright.errors import InvalidValue, Outage
from shopwright.flows.subscriptions.delivering import Told
from shopwright.refusals import Refusal
from shopwright.shop import Shop
from shopwright.wire.subscription_kinds import SubscriptionState

Parsers = Any
"""What `add_subparsers` gives; its class has no public name."""

AT_ONCE = 10
"""How many notices are tried before the command looks whether it should stop."""

_EPILOG = """\
a worker for all subscriptions, and one that tells what there is and leaves, for a timer:
  shopwright relay mall.shop:SHOP
  shopwright relay mall.shop:open_shop --subscription erp-orders --once

where mall/shop.py says:
  SHOP = Shop.open("postgresql://...", outlets=[WebhookOutlet(...)])
"""


def add(commands: Parsers) -> None:
    """Add `relay` to the command."""
    parser = commands.add_parser(
        "relay",
        help="tell webhooks, brokers and other outlets of a shop what has happened, until it is told to stop",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shop", metavar="MODULE:SHOP", help="a Shop with its outlets, or a function that opens one")
    parser.add_argument("--subscription", action="append", default=[], metavar="NAME", help="only this one; may be said more than once")
    parser.add_argument("--holder", default=f"{socket.gethostname()[:30]}-{os.getpid()}", help="the name of this worker (default: %(default)s)")
    parser.add_argument("--every", type=_seconds, default=1.0, metavar="SECONDS", help="how long to wait when there is nothing to tell (default: 1)")
    parser.add_argument("--once", action="store_true", help="tell what there is now and leave; exit with 1 where something could not be told")
    parser.set_defaults(act=_relay)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3_600:
        raise argparse.ArgumentTypeError(f"expected seconds, more than 0 and 3600 at most, got {text!r}")
    return seconds


def _relay(options: argparse.Namespace) -> int:
    shop, stop = opened(options.shop), Event()
    try:
        for name in options.subscription:
            if isinstance(found := shop.events.subscription(name), Refusal):
                raise InvalidValue(found.message)
        with _stopped_by(stop):
            failed = _work(shop, options, stop)
    finally:
        shop.close()
    return 1 if options.once and failed else 0


def _work(shop: Shop, options: argparse.Namespace, stop: Event) -> int:
    """Tell what there is, again and again; how many tries have failed."""
    delivered = failed = 0
    print(f"relay: {options.holder} begins", file=sys.stderr, flush=True)
    while not stop.is_set():
        told = [_told(shop, name, options.holder) for name in options.subscription or _names(shop)]
        delivered, failed = delivered + sum(it.delivered for it in told), failed + sum(it.failed for it in told)
        if any(it.delivered + it.failed for it in told):
            print(f"relay: {delivered} told, {failed} tries failed", file=sys.stderr, flush=True)
        elif options.once:
            break
        else:
            stop.wait(options.every)
    print(f"relay: {options.holder} ends; {delivered} told, {failed} tries failed", file=sys.stderr, flush=True)
    return failed


def _told(shop: Shop, name: str, holder: str) -> Told:
    """What became of the next notices of a subscription; nothing where the store does not answer, or it is gone by now."""
    try:
        told = shop.events.tell(name, holder=holder, limit=AT_ONCE)
    except Outage as outage:
        print(f"relay: {name}: {outage}", file=sys.stderr, flush=True)
        return Told()
    if isinstance(told, Refusal):
        return Told()
    if told.dead:
        print(f"relay: {name}: {told.dead} could not be told at all and wait for a person", file=sys.stderr, flush=True)
    return told


def _names(shop: Shop) -> Iterator[str]:
    """The subscriptions that are to be told, as they are by now."""
    after = ""
    while True:
        page = shop.events.subscriptions(limit=200, after=after)
        yield from (stored.value.name for stored in page.items if stored.value.state is SubscriptionState.ACTIVE)
        if not page.next:
            return
        after = page.next


@contextmanager
def _stopped_by(stop: Event) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C set the event, and nothing else, while the block runs."""
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def opened(name: str) -> Shop:
    """The shop of this name, `module:name`. Raises `InvalidValue` where there is none."""
    found = found_by_name(name, what="a Shop as MODULE:SHOP", example="mall.shop:SHOP")
    shop = found() if callable(found) and not isinstance(found, Shop) else found
    if not isinstance(shop, Shop):
        raise InvalidValue(f"expected a Shop at {name}, or a function that opens one, got {type(shop).__name__}")
    return shop
