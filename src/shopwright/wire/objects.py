"""Objects in a file: the fields of a class by their names, and values of which one key tells the kind.

Rules
- a key that no field explains is an error, with the nearest name that does;
- fields at their default are left out when they are written;
- of a union exactly one key is named; a kind whose fields may all be left out may stand as its bare name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from inspect import getdoc
from typing import Any

import attrs
from attrs import field, frozen

from shopwright.wire.marked import Entries, Node, Place, Problems, Scalar
from shopwright.wire.shapes import BAD, Json, Shape, made, refuse


@frozen
class Fields:
    """The fields of an attrs class."""

    kind: type
    shape_of: Callable[[type, attrs.Attribute[Any]], Shape] = field(repr=False)
    """The shape of a field."""

    @property
    def fields(self) -> dict[str, tuple[attrs.Attribute[Any], Shape]]:
        """Each field that can be given, by its name."""
        return _fields(self)

    @property
    def may_be_empty(self) -> bool:
        """Whether no field must be given."""
        return all(attribute.default is not attrs.NOTHING for attribute, _ in self.fields.values())

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value."""
        if not isinstance(node, Entries):
            return refuse(node, path, problems, f"an object with {', '.join(self.fields)}")
        found = self._found(node, path, problems)
        if found is None:
            return BAD
        places = {str(key.value): key.at for key, _ in node.entries}

        def where(said: str) -> tuple[Place, str]:
            """That of the field, where what is refused names one."""
            name = said.removeprefix(f"{self.kind.__name__}.").split(" ")[0].split("[")[0]
            return (places[name], under(path, name)) if name in places else (node.at, path)

        return made(lambda: self.kind(**found), where, problems)

    def _found(self, node: Entries, path: str, problems: Problems) -> dict[str, Any] | None:
        found: dict[str, Any] = {}
        for key, value in node.entries:
            known = self.fields.get(key.value) if isinstance(key.value, str) else None
            if known is None:
                unknown_key(key, path, problems, self.fields)
                found["?"] = BAD
            else:
                found[str(key.value)] = known[1].read(value, under(path, str(key.value)), problems)
        for name, (attribute, _) in self.fields.items():
            if attribute.default is attrs.NOTHING and name not in found:
                problems.tell(node.at, path, f"expected the key {name}, which must be given")
                found[name] = BAD
        return None if any(value is BAD for value in found.values()) else found

    def write(self, value: Any) -> Any:
        """The fields that are not at their default."""
        return {
            name: shape.write(getattr(value, name))
            for name, (attribute, shape) in self.fields.items()
            if attribute.default is attrs.NOTHING or getattr(value, name) != attribute.default
        }

    def schema(self, defs: Json) -> Json:
        """An object with these keys and no others."""
        name = self.kind.__name__
        if name not in defs:
            defs[name] = {}
            defs[name] = {
                "description": (getdoc(self.kind) or "").partition("\n\n")[0].replace("\n", " "),
                "type": "object",
                "properties": {key: shape.schema(defs) for key, (_, shape) in self.fields.items()},
                "required": [key for key, (attribute, _) in self.fields.items() if attribute.default is attrs.NOTHING],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}


@cache
def _fields(of: Fields) -> dict[str, tuple[attrs.Attribute[Any], Shape]]:
    return {attribute.name: (attribute, of.shape_of(of.kind, attribute)) for attribute in attrs.fields(of.kind) if attribute.init}


@frozen
class Kind:
    """One kind of a union: its key, what stands behind it, and how a value of it is made and taken apart."""

    key: str
    shape: Shape
    makes: Callable[[Any], Any]
    parts: Callable[[Any], Any]
    holds: Callable[[Any], bool]
    """Whether it writes this value."""

    @classmethod
    def of(cls, key: str, kind: type, shape: Shape) -> Kind:
        """All values of a class."""
        return cls(key, shape, _itself, _itself, lambda value: value.__class__ is kind)

    @property
    def may_be_bare(self) -> bool:
        """Whether its key alone says all."""
        return isinstance(self.shape, Fields) and self.shape.may_be_empty


def _itself(value: Any) -> Any:
    return value


def _of_kind(kind: Kind, node: Node, path: str, problems: Problems) -> Any:
    """A value of this kind, of what stands behind its key."""
    inner = kind.shape.read(node, path, problems)
    return BAD if inner is BAD else made(lambda: kind.makes(inner), lambda _: (node.at, path), problems)


@frozen(eq=False)
class OneKind:
    """A union whose kinds are told apart by their key: `{percent: {...}}`."""

    name: str
    kinds: Callable[[], tuple[Kind, ...]]

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value of the kind that is named."""
        kinds = {kind.key: kind for kind in self.kinds()}
        if isinstance(node, Scalar) and isinstance(node.value, str):
            kind = kinds.get(node.value)
            if kind is not None and kind.may_be_bare:
                return _of_kind(kind, Entries((), node.at), path, problems)
        if not isinstance(node, Entries):
            bare = [key for key, kind in kinds.items() if kind.may_be_bare]
            or_bare = f", or the bare name {' or '.join(bare)}" if bare else ""
            return refuse(node, path, problems, f"an object with one of the keys {', '.join(kinds)}{or_bare}")
        if len(node.entries) != 1:
            named = ", ".join(str(key.value) for key, _ in node.entries) or "none"
            problems.tell(node.at, path, f"expected exactly one of the keys {', '.join(kinds)}, got {named}; give each an object of its own")
            return BAD
        ((key, value),) = node.entries
        kind = kinds.get(key.value) if isinstance(key.value, str) else None
        if kind is None:
            return unknown_key(key, path, problems, kinds)
        return _of_kind(kind, value, under(path, kind.key), problems)

    def write(self, value: Any) -> Any:
        """The key of its kind, and what stands behind it."""
        for kind in self.kinds():
            if kind.holds(value):
                plain = kind.shape.write(kind.parts(value))
                return kind.key if kind.may_be_bare and plain == {} else {kind.key: plain}
        got = type(value).__name__
        raise TypeError(f"expected a value that files know as {self.name}, got {got}; register its class with Words.with_kinds(...)")

    def schema(self, defs: Json) -> Json:
        """One of the objects with one key, or a bare name."""
        if self.name not in defs:
            defs[self.name] = {}
            bare = [kind.key for kind in self.kinds() if kind.may_be_bare]
            objects: list[Json] = [
                {"type": "object", "properties": {kind.key: kind.shape.schema(defs)}, "required": [kind.key], "additionalProperties": False}
                for kind in self.kinds()
            ]
            defs[self.name] = {"oneOf": [*([{"enum": bare}] if bare else []), *objects]}
        return {"$ref": f"#/$defs/{self.name}"}


def under(path: str, key: str) -> str:
    """The path of what stands below a key."""
    return f"{path}.{key}" if path else key


def unknown_key(key: Scalar, path: str, problems: Problems, allowed: Iterable[str]) -> Any:
    """Tell of a key that nothing explains, with the nearest that is known and all that are allowed."""
    known = list(allowed)
    near = get_close_matches(str(key.value), known, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]}? " if near else ""
    problems.tell(key.at, path, f"unknown key {key}; {meant}allowed: {', '.join(known)}")
    return BAD
