"""Finding gateways, carriers and storages that other distributions bring, through entry points.

Rules
- an entry point names a class or a function that makes an adapter; it is loaded, never called, by finding it;
- a broken one is told apart with its distribution and its error, and keeps nobody else from being found;
- one that names an extra (`module:Class [extra]`) and misses a package is not broken: it says which extra to install;
- two of one name are both left out and told: which one was meant is not for us to guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue

GROUPS = {"gateway": "shopwright.gateways", "carrier": "shopwright.carriers", "storage": "shopwright.storages"}
"""The entry-point group of each kind of adapter."""


@frozen
class Broken:
    """An entry point that could not be loaded: what it is, who brings it, and what went wrong."""

    name: str
    group: str
    distribution: str
    error: str

    def __str__(self) -> str:
        return f"{self.name} of {self.distribution} ({self.group}) is left out: {self.error}"


@frozen
class Lacking:
    """An entry point whose extra is not installed: what it is, and what to install."""

    name: str
    install: str

    def __str__(self) -> str:
        return f"{self.name} (pip install {self.install})"


@frozen
class Discovered:
    """What was found of one kind: makers of adapters by name, what is broken, and what is there but for its extra."""

    makers: Mapping[str, Callable[..., Any]] = field(factory=dict)
    broken: tuple[Broken, ...] = ()
    lacking: tuple[Lacking, ...] = ()


def discover(kind: str, *, points: Iterable[EntryPoint] | None = None) -> Discovered:
    """All adapters of a kind (`gateway`, `carrier`, `storage`) that are installed; raises `InvalidValue` for any other kind."""
    if kind not in GROUPS:
        raise InvalidValue(f"expected one of {', '.join(GROUPS)}, got {kind!r}")
    group = GROUPS[kind]
    found = tuple(entry_points(group=group) if points is None else points)
    makers: dict[str, Callable[..., Any]] = {}
    broken: list[Broken] = []
    lacking: list[Lacking] = []
    for point in sorted(found, key=lambda point: point.name):
        if sum(other.name == point.name for other in found) > 1:
            broken.append(left_out(point, group, "another distribution brings the same name; uninstall one of them"))
            continue
        try:
            maker = point.load()
        except ModuleNotFoundError as error:
            if point.extras and (error.name or "").partition(".")[0] != point.module.partition(".")[0]:
                distribution = "its distribution" if point.dist is None else point.dist.name
                lacking.append(Lacking(point.name, f"{distribution}[{','.join(point.extras)}]"))
            else:
                broken.append(left_out(point, group, f"{type(error).__name__}: {error}"))
            continue
        except Exception as error:  # noqa: BLE001  # whatever a plug-in raises while it is imported is its own fault
            broken.append(left_out(point, group, f"{type(error).__name__}: {error}"))
            continue
        if callable(maker):
            makers[point.name] = maker
        else:
            broken.append(left_out(point, group, f"expected a class or function that makes a {kind}, got {type(maker).__name__}"))
    return Discovered(makers, tuple(broken), tuple(lacking))


def left_out(point: EntryPoint, group: str, error: str) -> Broken:
    """The word on an entry point that is not used."""
    distribution = "an unknown distribution" if point.dist is None else f"{point.dist.name} {point.dist.version}"
    return Broken(point.name, group, distribution, error)
