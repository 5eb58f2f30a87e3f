"""The cattrs converters: a fast one for every day, and one that tells where a body went wrong.

Rules
- functions are made per class at first use, and are the same for every codec in the process;
- a union of attrs classes is tagged with the name of the class under "_type";
- a key that no field explains is an error, for it would be lost when the value is written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.fns import identity

from shopwright.errors import InvalidValue
from shopwright.wire import plain, texts

TAG = "_type"
Write = Callable[[Any], Any]
Read = Callable[[Any, Any], Any]
_SIMPLE = (str, int, bool)
_WRITTEN = {datetime: plain.time_out, date: date.isoformat, timedelta: plain.span_out, Fraction: plain.fraction_out}
_READ = {datetime: plain.time_in, date: plain.date_in, timedelta: plain.span_in, Fraction: plain.fraction_in}


@cache
def converter(*, worded: bool) -> Converter:
    """The fast converter, or the `worded` one, whose errors carry the path to what is wrong."""
    made = Converter(detailed_validation=worded, forbid_extra_keys=True, omit_if_default=True)
    for rule in (_refused, _by_class, _by_type, _enums, _new_types, _tuples, _frozensets, _unions):
        rule(made)
    return made


def _refused(made: Converter) -> None:
    """Registered first and asked last: what no other rule knows, and is no attrs class, cannot be stored."""

    def nobody_knows(type_: Any) -> bool:
        return not (attrs.has(get_origin(type_) or type_) or get_origin(type_) is Literal or type_ is NoneType)

    made.register_unstructure_hook_factory(nobody_knows, plain.refuse_type)
    made.register_structure_hook_factory(nobody_knows, plain.refuse_type)


def _by_class(made: Converter) -> None:
    """What cattrs finds by class before it asks any rule; a subclass goes with the nearest of these."""
    made.register_unstructure_hook(bytes, plain.bytes_out)
    made.register_structure_hook(bytes, plain.bytes_in)
    made.register_structure_hook(str, plain.text_in)
    made.register_structure_hook(int, plain.integer_in)
    made.register_structure_hook(bool, plain.boolean_in)
    for enumeration in (StrEnum, IntEnum, Enum):
        made.register_structure_hook(enumeration, plain.enum_in)
    for refused in (float, Path):
        made.register_unstructure_hook(refused, lambda value: plain.refuse_type(type(value)))
        made.register_structure_hook(refused, lambda _, type_: plain.refuse_type(type_))


def _by_type(made: Converter) -> None:
    """What is found by the very type alone."""
    for simple in (int, bool):
        made.register_unstructure_hook_factory(_is(simple), lambda _: identity)
    for type_, write in _WRITTEN.items():
        made.register_unstructure_hook_factory(_is(type_), lambda _, write=write: write)
    for type_, read in _READ.items():
        made.register_structure_hook_factory(_is(type_), lambda _, read=read: read)


def _is(type_: type) -> Callable[[Any], bool]:
    return lambda asked: asked is type_


def _enums(made: Converter) -> None:
    def is_enum(type_: Any) -> bool:
        return isinstance(type_, type) and issubclass(type_, Enum)

    made.register_unstructure_hook_factory(is_enum, lambda type_: plain.enum_out(type_) or identity)


def _writer(made: Converter, type_: Any) -> Write:
    """The function that writes a part; a class that is part of itself is looked up when a value is met."""
    try:
        return made.get_unstructure_hook(type_)
    except RecursionError:
        return lambda value: made.unstructure(value, unstructure_as=type_)


def _reader(made: Converter, type_: Any) -> Read:
    """The function that reads a part; a class that is part of itself is looked up when a value is met."""
    try:
        return made.get_structure_hook(type_)
    except RecursionError:
        return made.structure


def _new_types(made: Converter) -> None:
    def is_new_type(type_: Any) -> bool:
        return isinstance(type_, NewType)

    made.register_unstructure_hook_factory(is_new_type, lambda type_: _writer(made, type_.__supertype__))
    made.register_structure_hook_factory(is_new_type, lambda type_: _reader(made, type_.__supertype__))


def _tuples(made: Converter) -> None:
    def write(type_: Any) -> Write:
        item, fixed = _items(type_)
        if fixed is not None:
            return _fixed_out([_writer(made, part) for part in fixed])
        hook = _writer(made, item)
        return identity if hook is identity else lambda values: list(map(hook, values))

    def read(type_: Any) -> Read:
        item, fixed = _items(type_)
        if fixed is not None:
            return _fixed_in(type_, [(_reader(made, part), part) for part in fixed], worded=made.detailed_validation)
        return _many_in(tuple, type_, item, _reader(made, item), worded=made.detailed_validation)

    made.register_unstructure_hook_factory(_made_from(tuple), write)
    made.register_structure_hook_factory(_made_from(tuple), read)


def _made_from(type_: type) -> Callable[[Any], bool]:
    return lambda asked: get_origin(asked) is type_


def _items(type_: Any) -> tuple[Any, tuple[Any, ...] | None]:
    """The type of each item of `tuple[X, ...]`, or the types of the items of `tuple[X, Y]`."""
    args = get_args(type_)
    return (args[0], None) if len(args) == 2 and args[1] is Ellipsis else (None, args)


def _fixed_out(hooks: list[Write]) -> Write:
    if all(hook is identity for hook in hooks):
        return identity
    return lambda values: [hook(value) for hook, value in zip(hooks, values, strict=True)]


def _fixed_in(type_: Any, hooks: list[tuple[Read, Any]], *, worded: bool) -> Read:
    def read(values: Any, _: Any = type_) -> Any:
        _check_array(values)
        if len(values) != len(hooks):
            raise ValueError(f"expected {len(hooks)} items, got {len(values)}")
        if worded:
            return tuple(_worded(type_, ((hook, part, value) for (hook, part), value in zip(hooks, values, strict=True))))
        return tuple([hook(value, part) for (hook, part), value in zip(hooks, values, strict=True)])

    return read


def _many_in(make: Callable[[Iterable[Any]], Any], type_: Any, item: Any, hook: Read, *, worded: bool) -> Read:
    def read(values: Any, _: Any = type_) -> Any:
        _check_array(values)
        return make([hook(value, item) for value in values])

    def read_worded(values: Any, _: Any = type_) -> Any:
        _check_array(values)
        return make(_worded(type_, ((hook, item, value) for value in values)))

    return read_worded if worded else read


def _check_array(values: Any) -> None:
    if values.__class__ is not list:
        raise TypeError(f"expected an array, got {values!r}")


def _worded(type_: Any, items: Iterable[tuple[Read, Any, Any]]) -> list[Any]:
    """Read every item, and tell of all that cannot be read with their places."""
    done, failed = [], []
    for at, (hook, part, value) in enumerate(items):
        try:
            done.append(hook(value, part))
        except Exception as error:  # noqa: BLE001  # a validator of any value may raise anything; all are told
            error.add_note(IterableValidationNote(f"while reading {type_} @ index {at}", at, part))
            failed.append(error)
    if failed:
        raise IterableValidationError(f"while reading {type_}", failed, type_)
    return done


def _frozensets(made: Converter) -> None:
    def write(type_: Any) -> Write:
        (item,) = get_args(type_)
        hook = _writer(made, item)
        order = texts.stdlib().canonical if attrs.has(item) or get_origin(item) else None
        return lambda values: sorted([hook(value) for value in values], key=order)

    def read(type_: Any) -> Read:
        (item,) = get_args(type_)
        return _many_in(frozenset, type_, item, _reader(made, item), worded=made.detailed_validation)

    made.register_unstructure_hook_factory(_made_from(frozenset), write)
    made.register_structure_hook_factory(_made_from(frozenset), read)


def _unions(made: Converter) -> None:
    made.register_unstructure_hook_factory(is_union, lambda type_: _union_out(made, type_))
    made.register_structure_hook_factory(is_union, lambda type_: _union_in(made, type_))


def is_union(type_: Any) -> bool:
    """Whether it is `X | Y`, however it was written."""
    return get_origin(type_) in {Union, UnionType}


def members_of(type_: Any) -> tuple[list[Any], bool]:
    """The members of a union, and whether `None` is one more."""
    args = get_args(type_)
    return [arg for arg in args if arg is not NoneType], NoneType in args


def _union_out(made: Converter, type_: Any) -> Write:
    members, _ = members_of(type_)
    if len(members) == 1:
        hook = _writer(made, members[0])
        return identity if hook is identity else lambda value: None if value is None else hook(value)
    if _all_simple(members):
        return identity
    tagged = {member: (_writer(made, member), name) for name, member in by_tag(type_, members).items()}

    def write(value: Any) -> Any:
        if value is None:
            return None
        found = tagged.get(value.__class__)
        if found is None:
            raise InvalidValue(f"expected one of {', '.join(name for _, name in tagged.values())}, got {type(value).__name__}")
        body = found[0](value)
        body[TAG] = found[1]
        return body

    return write


def _union_in(made: Converter, type_: Any) -> Read:
    members, optional = members_of(type_)
    if len(members) == 1:
        hook, only = _reader(made, members[0]), members[0]

        def read_optional(value: Any, _: Any = type_) -> Any:
            return None if value is None else hook(value, only)

        return read_optional
    if _all_simple(members):
        return _simple_union_in(type_, members, optional=optional)
    tagged = {name: (_reader(made, member), member) for name, member in by_tag(type_, members).items()}

    def read(body: Any, _: Any = type_) -> Any:
        if body is None and optional:
            return None
        if body.__class__ is not dict:
            raise TypeError(f"expected an object, got {body!r}")
        tag = body.pop(TAG, None)
        if tag not in tagged:
            raise ValueError(f"{TAG} {tag!r} is not one of {', '.join(tagged)}")
        hook, member = tagged[tag]
        return hook(body, member)

    return read


def _all_simple(members: list[Any]) -> bool:
    return all(member in _SIMPLE for member in members)


def _simple_union_in(type_: Any, members: list[Any], *, optional: bool) -> Read:
    allowed = frozenset((*members, NoneType) if optional else members)

    def read(value: Any, _: Any = type_) -> Any:
        if value.__class__ in allowed:
            return value
        raise TypeError(f"expected {type_}, got {value!r}")

    return read


def by_tag(type_: Any, members: list[Any]) -> dict[str, Any]:
    """The members of a union by what tells them apart in a body."""
    if not all(attrs.has(member) for member in members):
        raise InvalidValue(f"a union that is stored must be of attrs classes alone, or of text, integers and booleans alone; got {type_}")
    named = {member.__name__: member for member in members}
    if len(named) < len(members):
        raise InvalidValue(f"the classes of a union that is stored must have different names; got {type_}")
    return named
