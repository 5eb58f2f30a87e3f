"""What the storage kit stores: notes, secrets and what happened to notes. No shop is needed to test a store."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.ports.kinds import Index, IndexType, IndexValue, Kind, Kinds, RecordType


@frozen
class Note:
    """A document with an index of every type, optional ones among them, and unique ones."""

    id: str
    title: str = ""
    stars: int | None = None
    written_at: datetime | None = None
    slug: str | None = None
    serial: int | None = None
    tags: tuple[str, ...] = ()


@frozen
class Secret:
    """A document that may be erased."""

    owner: str
    key: bytes = b""


@frozen
class Noted:
    """A record: something was noted, about `quantity` of something."""

    text: str
    quantity: int = 0


@frozen
class Unheard:
    """A value of a type that nobody registered."""

    text: str = ""


def _title(note: Note) -> IndexValue:
    return note.title


def _stars(note: Note) -> IndexValue:
    return note.stars


def _written_at(note: Note) -> IndexValue:
    return note.written_at


def _slug(note: Note) -> IndexValue:
    return note.slug


def _serial(note: Note) -> IndexValue:
    return note.serial


def _owner(secret: Secret) -> IndexValue:
    return secret.owner


NOTE = Kind(
    "note",
    Note,
    indexes=(
        Index("title", IndexType.TEXT, _title),
        Index("stars", IndexType.INTEGER, _stars),
        Index("written_at", IndexType.TIME, _written_at),
        Index("slug", IndexType.TEXT, _slug, unique=True),
        Index("serial", IndexType.INTEGER, _serial, unique=True),
    ),
)
SECRET = Kind("secret", Secret, indexes=(Index("owner", IndexType.TEXT, _owner, unique=True),), erasable=True)
NOTED = RecordType("noted", Noted)

SAMPLE_KINDS = Kinds(documents=(NOTE, SECRET), records=(NOTED,))
