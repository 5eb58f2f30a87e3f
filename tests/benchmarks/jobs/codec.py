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
    orders = [our_values.placed(turn).order for turn in range(PER)]
    mirrored = [pydantic_models.mirrored(order) for order in orders]
    expected = [[facts_of(orders[-1])], None]
    made: list[Row] = []
    for library in LIBRARIES:
        peers: dict[str, Callable[[], tuple[list[Any], Pair]]] = {
            f"cattrs on {library}": lambda library=library: (orders, plain_cattrs.pair(library))
        }
        peers["pydantic"] = lambda: (mirrored, pydantic())
        for job, side in (("encode order", encoding), ("decode order", decoding)):
            ours = lambda library=library, side=side: Local("ours", side(orders, ours_on(library)))
            theirs = {name: lambda opened=opened, side=side: Local("peer", side(*opened())) for name, opened in peers.items()}
            made += session.run(Race(job, f"5 lines, {library}", "µs", ours, theirs, check=1, expected=expected))
    return made


def encoding(values: list[Any], pair: Pair) -> Bench:
    """Each value to text, and no value twice in a row: ours knows again what it has just written. What is told is what the last text means."""
    encode, decode = pair

    def run(turn: int) -> Any:
        text = None
        for value in values:
            text = encode(value)
        return text

    return Bench(run=run, tell=lambda text: facts_of(decode(text)), per=PER, clock=CPU)


def decoding(values: list[Any], pair: Pair) -> Bench:
    """Each text to its value."""
    encode, decode = pair
    texts_of = [encode(value) for value in values]

    def run(turn: int) -> Any:
        read = None
        for text in texts_of:
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
