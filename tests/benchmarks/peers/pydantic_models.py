"""Pydantic models that mirror our values, made from their annotations: the same fields, types and defaults, whatever the values become."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs

from tests.benchmarks.sides import peer

TAG = "type_"


@cache
def mirror(value_type: type) -> Any:
    """The frozen model of an attrs class; it has a tag, so that unions need no guessing."""
    pydantic = peer("pydantic")
    hints = get_type_hints(value_type)
    fields: dict[str, Any] = {TAG: (literal(value_type.__name__), value_type.__name__)}
    for each in attrs.fields(value_type):
        fields[each.name] = (typed(hints[each.name]), default_of(each))
    return pydantic.create_model(value_type.__name__, __config__=pydantic.ConfigDict(frozen=True, extra="forbid"), **fields)


def literal(name: str) -> Any:
    """The type of a tag."""
    from typing import Literal

    return Literal[name]


def default_of(each: Any) -> Any:
    """A field's default; `...` where it has none."""
    if each.default is attrs.NOTHING:
        return ...
    made = each.default.factory() if isinstance(each.default, attrs.Factory) else each.default  # type: ignore[arg-type]  # a class at run time
    return mirrored(made)


def typed(hint: Any) -> Any:
    """An annotation with every attrs class replaced by its model."""
    if isinstance(hint, NewType):
        return typed(hint.__supertype__)
    if attrs.has(hint):
        return mirror(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return union(args)
    if origin is tuple:
        return tuple[tuple(arg if arg is Ellipsis else typed(arg) for arg in args)]  # type: ignore[misc]  # made at run time
    return hint


def union(args: tuple[Any, ...]) -> Any:
    """A union; one of several attrs classes is told apart by the tag."""
    pydantic = peer("pydantic")
    values = [typed(arg) for arg in args if attrs.has(arg)]
    rest = [typed(arg) for arg in args if not attrs.has(arg)]
    tagged: list[Any] = [Annotated[Union[tuple(values)], pydantic.Field(discriminator=TAG)]] if len(values) > 1 else values  # noqa: UP007
    return Union[(*tagged, *rest)]  # made at run time


def mirrored(value: Any) -> Any:
    """A value of ours as its model."""
    if attrs.has(type(value)):
        fields = {each.name: mirrored(getattr(value, each.name)) for each in attrs.fields(type(value))}
        return mirror(type(value))(**fields)
    if isinstance(value, tuple):
        return tuple(mirrored(item) for item in value)
    return value
