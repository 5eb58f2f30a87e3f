"""An order through cattrs as it comes: a preconfigured converter without detailed validation, its hooks fetched beforehand."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shopwright.orders.order import Order
from tests.benchmarks.sides import peer

Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How a side encodes its value, and how it decodes the text."""

MODULES = {"stdlib json": "json", "orjson": "orjson"}
MICROSECOND = timedelta(microseconds=1)


def pair(library: str) -> Pair:
    """A converter on this JSON library."""
    name = MODULES[library]
    json = peer(name)
    converter = importlib.import_module(f"cattrs.preconf.{name}").make_converter(detailed_validation=False)
    complete(converter)
    write, read = converter.get_unstructure_hook(Order), converter.get_structure_hook(Order)
    return lambda order: json.dumps(write(order)), lambda text: read(json.loads(text), Order)


def complete(converter: Any) -> None:
    """What an application must add for the types that cattrs has no rule for: spans of time, and the one union of classes."""
    from cattrs.strategies import configure_tagged_union

    from shopwright.payments.outcomes import NextAction

    converter.register_unstructure_hook(timedelta, lambda span: span // MICROSECOND)
    converter.register_structure_hook(timedelta, lambda count, _: timedelta(microseconds=count))
    configure_tagged_union(NextAction, converter)
