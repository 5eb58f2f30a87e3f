"""Three fakes of Stripe that others wrote, each of which shows what the two others cannot.

- localstripe (GPL-3.0, a process of its own): PaymentIntents, manual and partial captures, 3-D Secure, the balance, signed events;
- stripe-stateful-mock (MIT): charges with every decline, keys that are replayed and conflicts of keys, limits and failures;
- the simulator of getpaid (MIT): pages, methods that take days, refunds that fail late, reviews, events out of order.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.peers.installing import environment, node_modules
from tests.peers.running import free_port, server

LOCALSTRIPE = "localstripe==1.15.10"
GETPAID = ("python-getpaid-simulator==3.2.0", "python-getpaid-stripe==0.2.1")
GETPAID_KEY, GETPAID_SECRET = "sk_test_sim_stripe_key", "whsec_sim_stripe_secret"

_LOCALSTRIPE = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None  # it would keep its store in a file of the machine
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)  # its own command listens on all interfaces
"""
_MOCK = "require('http').createServer(require('stripe-stateful-mock').createExpressApp()).listen(+process.argv[1], '127.0.0.1')"


@contextmanager
def localstripe() -> Iterator[str]:
    """The address of localstripe."""
    port = free_port()
    with server([str(environment("localstripe", LOCALSTRIPE)), "-c", _LOCALSTRIPE, str(port)], port=port) as address:
        yield address


@contextmanager
def stateful_mock() -> Iterator[str]:
    """The address of stripe-stateful-mock."""
    port = free_port()
    env = {**os.environ, "NODE_PATH": str(node_modules() / "node_modules")}
    with server(["node", "-e", _MOCK, str(port)], port=port, env=env) as address:
        yield address


@contextmanager
def getpaid(notify_url: str) -> Iterator[str]:
    """The address of the simulator of getpaid, which pushes its events to this address."""
    port, python = free_port(), environment("getpaid", *GETPAID, python="3.12")
    env = {**os.environ, "SIMULATOR_HOST": "127.0.0.1", "SIMULATOR_PORT": str(port), "SIMULATOR_STRIPE_NOTIFY_URL": notify_url}
    with server([str(python), "-m", "getpaid_simulator"], port=port, env=env) as address:
        yield address


def asked(method: str, url: str, *, key: str = "sk_test_12345", form: str = "", data: dict[str, Any] | None = None) -> Any:
    """What a peer answers to a request that is not made by any code of ours."""
    body = json.dumps(data).encode() if data is not None else form.encode()
    kind = "application/json" if data is not None else "application/x-www-form-urlencoded"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    request = urllib.request.Request(url, method=method, headers=headers, data=body if method != "GET" else None)
    with urllib.request.build_opener(_Stay).open(request, timeout=20) as response:
        text = response.read()
    return json.loads(text) if text[:1] in (b"{", b"[") else text


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere: the page that a buyer is sent back to is not there."""

    def redirect_request(self, *_what: Any) -> None:
        return None
