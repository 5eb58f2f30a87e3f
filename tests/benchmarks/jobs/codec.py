"""Encode an order to JSON and decode it again: against prebuilt cattrs converters on the same JSON library, and against pydantic.

The cattrs of the peer is as fast as it goes: hooks fetched beforehand, no detailed validation. Ours also checks the types it reads and
refuses what no field explains, and leaves out fields at their default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from shopwright.orders.order import Order
from shopwright.ports.kinds import Kind, Kinds
from shopwright.wire import texts
from shopwright.wire.codec import Codec
from tests.benchmarks import our_values
from tests.benchmarks.peers import plain_cattrs, pydantic_models
from tests.benchmarks.peers.plain_cattrs import Pair
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local

PER = 10
LIBRARIES = {"stdlib json": texts.stdlib, "orjson": texts.installed}


def rows(session: Session) -> list[Row]:
    """Both directions with both JSON libraries."""
    order = our_values.placed(0).order
    made: list[Row] = []
    for library in LIBRARIES:
        peers: dict[str, Callable[[], tuple[Any, Pair]]] = {f"cattrs on {library}": lambda library=library: (order, plain_cattrs.pair(library))}
        peers["pydantic"] = lambda: (pydantic_models.mirrored(order), pydantic())
        for job, side in (("encode order", encoding), ("decode order", decoding)):
            ours = lambda library=library, side=side: Local("ours", side(order, ours_on(library)))
            theirs = {name: lambda opened=opened, side=side: Local("peer", side(*opened())) for name, opened in peers.items()}
            made += session.run(Race(job, f"5 lines, {library}", "µs", ours, theirs, check=1, expected=[[facts_of(order)], None]))
    return made


def encoding(value: Any, pair: Pair) -> Bench:
    """Value to text; what is told is what the text means."""
    encode, decode = pair

    def run(turn: int) -> Any:
        text = None
        for _ in range(PER):
            text = encode(value)
        return text

    return Bench(run=run, tell=lambda text: facts_of(decode(text)), per=PER, clock=CPU)


def decoding(value: Any, pair: Pair) -> Bench:
    """Text to value."""
    encode, decode = pair
    text = encode(value)

    def run(turn: int) -> Any:
        read = None
        for _ in range(PER):
            read = decode(text)
        return read

    return Bench(run=run, tell=facts_of, per=PER, clock=CPU)


def ours_on(library: str) -> Pair:
    """Our codec."""
    kind = Kind("order", Order)
    codec = Codec(Kinds((kind,)), json=LIBRARIES[library]())
    return codec.dump, lambda text: codec.load(kind, 1, text)


def pydantic() -> Pair:
    """Models with the same fields, in the library's own JSON."""
    model = pydantic_models.mirror(Order)
    return lambda value: value.model_dump_json(), model.model_validate_json


def facts_of(value: Any) -> Any:
    """A value or a model as plain data without tags, to compare what two sides have read."""
    if attrs.has(type(value)):
        return {each.name: facts_of(getattr(value, each.name)) for each in attrs.fields(type(value))}
    if hasattr(type(value), "model_fields"):
        return {name: facts_of(getattr(value, name)) for name in type(value).model_fields if name != pydantic_models.TAG}
    if isinstance(value, tuple):
        return [facts_of(item) for item in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
