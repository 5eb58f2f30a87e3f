"""What a shop keeps of its members: kinds, record types, and the streams they are in, under names that never change."""

from __future__ import annotations

from typing import get_args

from shopwright.members.codes import OneTimeCode, SentCodes
from shopwright.members.contacts import ContactClaim
from shopwright.members.events import MemberEvent
from shopwright.members.member import Member, MemberAlias, MemberBlock, ProfileKept
from shopwright.ports.kinds import Index, IndexType, Kind, RecordType

MEMBERS = "members"
"""The stream of what happens to members; nothing in it is personal."""

PROFILES = "member_profiles"
"""The stream of what profiles were set to, sealed: the history of each member."""

MEMBER = Kind(
    "member",
    Member,
    indexes=(
        Index("state", IndexType.TEXT, lambda member: member.state.value),
        Index("registered_at", IndexType.TIME, lambda member: member.registered_at),
        Index("birthday", IndexType.TEXT, lambda member: member.birthday or None),
    ),
)

DOCUMENTS = (
    MEMBER,
    Kind("member_alias", MemberAlias),
    Kind("member_block", MemberBlock, erasable=True),
    Kind("contact_claim", ContactClaim, erasable=True),
    Kind("one_time_code", OneTimeCode, erasable=True),
    Kind("sent_codes", SentCodes, erasable=True),
)

RECORDS = tuple(RecordType(record.__name__, record) for record in (*get_args(MemberEvent), ProfileKept))
