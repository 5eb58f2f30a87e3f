"""What comes of a verb about a member: the member as it then is, what happened, and the pages that go into the history of the profile."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from shopwright.members.events import MemberEvent
from shopwright.members.member import Member, ProfileKept
from shopwright.members.states import TRANSITIONS, MemberState
from shopwright.refusals import Refusal


@frozen
class MemberDecision:
    """A member after a verb; no events say that nothing was to be done."""

    member: Member
    events: tuple[MemberEvent, ...] = ()
    kept: tuple[ProfileKept, ...] = ()

    def then(self, *events: MemberEvent, kept: tuple[ProfileKept, ...] = (), **changes: Any) -> MemberDecision:
        """The same with more events, the state they lead to, and these fields of the member changed."""
        state = self.member.state
        for event in events:
            state = TRANSITIONS[state].get(type(event), state)
        count, pages = self.member.event_count + len(events), self.member.kept_count + len(kept)
        member = evolve(self.member, state=state, event_count=count, kept_count=pages, **changes)
        return MemberDecision(member, (*self.events, *events), (*self.kept, *kept))


def closed(member: Member) -> Refusal | None:
    """The refusal of a record that does not go on: `member_merged` (facts: `member`, `into`) or `member_erased` (fact: `member`)."""
    if member.state is MemberState.MERGED:
        into = member.merged_into
        return Refusal("member_merged", f"member {member.id!r} goes on as {into!r}", {"member": member.id, "into": into})
    if member.state is MemberState.ERASED:
        return Refusal("member_erased", f"member {member.id!r} was erased", {"member": member.id})
    return None
