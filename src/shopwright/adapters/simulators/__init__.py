"""Providers of payments that live on this machine, under one face: what a checkout is tried with before anybody has an account.

    with open_simulation("alipay", clock=SystemClock()) as alipay:
        shop = Shop(storage, gateways=[alipay.gateway()])

Each needs the extra of its adapter, which is loaded when it is opened.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from shopwright.adapters.simulators.face import Moved, Simulation, Waiting
from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.clock import Clock

SIMULATIONS = {"fake": "FakeSimulation", "alipay": "AlipaySimulation", "wechat": "WechatSimulation", "stripe": "StripeSimulation"}
"""The names of the gateways that are simulated, and what simulates them."""


def open_simulation(name: str, *, clock: Clock, port: int = 0, path: Path | None = None, **more: Any) -> AbstractContextManager[Simulation]:
    """The simulation of this name, until its block ends: on a `port` of 127.0.0.1 (0: any), or in a file (`fake` alone).

    Raises `InvalidValue` for a name that nobody simulates, and `NotSupportedHere` where the extra of the adapter is missing.
    """
    if name not in SIMULATIONS:
        raise InvalidValue(f"no gateway named {name!r} is simulated; there are {', '.join(sorted(SIMULATIONS))}")
    try:
        module = import_module(f"shopwright.adapters.simulators.{name}")
    except ImportError as error:
        missing = (error.name or "more").partition(".")[0]
        raise NotSupportedHere(f"the simulation of {name} needs {missing}; install it with `pip install 'shopwright[{name}]'`") from error
    opened = getattr(module, SIMULATIONS[name]).open(clock=clock, port=port, path=path, **more)
    return cast("AbstractContextManager[Simulation]", opened)


__all__ = ["SIMULATIONS", "Moved", "Simulation", "Waiting", "open_simulation"]
