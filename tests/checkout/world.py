"""Simulated providers for tests: one simulation of each, with keys that are made once, since making them takes longer than a whole checkout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

from shopwright.adapters.simulators import SIMULATIONS, open_simulation
from shopwright.adapters.simulators.face import Simulation
from shopwright.ports.clock import Clock
from tests.surroundings import peer


@cache
def _rsa_keys() -> dict[str, Any]:
    from shopwright.adapters.rsa import new_key

    return {"keys": (new_key(), new_key())}


KEPT: dict[str, Callable[[], dict[str, Any]]] = {"alipay": _rsa_keys, "wechat": _rsa_keys}
"""What a simulation is given that takes long to make."""

NEEDS = {"alipay": "cryptography", "wechat": "cryptography", "stripe": "stripe"}
"""What a simulation needs beyond the library itself."""

GATEWAYS = tuple(SIMULATIONS)


def more(name: str) -> dict[str, Any]:
    """What the simulation of this name is given besides its clock; gives up on the test where its extra is missing."""
    if name in NEEDS:
        peer(NEEDS[name])
    return KEPT[name]() if name in KEPT else {}


@contextmanager
def simulated(name: str, clock: Clock) -> Iterator[Simulation]:
    """The simulation of this name, until the block ends."""
    opened: AbstractContextManager[Simulation] = open_simulation(name, clock=clock, **more(name))
    with opened as simulation:
        yield simulation
