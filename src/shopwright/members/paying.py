"""What can be done to the methods of payment of a member, as decisions.

Rules
- every verb is refused for a record that was merged or erased (`member_merged`, `member_erased`);
- what is taken away stays `leaving` until its provider was told, and no event tells of that.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.members import events as e
from shopwright.members.actors import Actor
from shopwright.members.decision import MemberDecision, closed
from shopwright.members.member import Member
from shopwright.members.methods import MOST_METHODS, SavedMethod
from shopwright.refusals import Refusal

Answer = MemberDecision | Refusal


def next_method(member: Member) -> str:
    """The id of the method that is kept next."""
    return f"m{member.numbered + 1}"


def keep(member: Member, method: SavedMethod, *, default: bool, by: Actor, at: datetime) -> Answer:
    """Keep a method, or what is known of one anew. Refused with `methods_too_many`."""
    if no := closed(member):
        return no
    known = member.method(method.id) is not None
    if not known and len(member.methods) + len(member.leaving) >= MOST_METHODS:
        return Refusal("methods_too_many", f"a member has at most {MOST_METHODS} methods of payment", {"most": MOST_METHODS})
    methods = tuple(method if it.id == method.id else it for it in member.methods) if known else (*member.methods, method)
    return MemberDecision(member).then(
        e.MethodSaved(at=at, by=by, method=method.id, gateway=method.gateway),
        methods=methods,
        default_method=method.id if default or not member.default_method else member.default_method,
        numbered=member.numbered + (not known),
    )


def remove(member: Member, method_id: str, *, by: Actor, at: datetime) -> Answer:
    """Take a method away. Refused with `method_unknown`."""
    if no := closed(member):
        return no
    method = member.method(method_id)
    if method is None:
        return unknown_method(method_id)
    left = tuple(it for it in member.methods if it.id != method_id)
    default = member.default_method if member.default_method != method_id else next((it.id for it in left), "")
    removed = e.MethodRemoved(at=at, by=by, method=method_id, gateway=method.gateway)
    return MemberDecision(member).then(removed, methods=left, leaving=(*member.leaving, method), default_method=default)


def prefer(member: Member, method_id: str, *, by: Actor, at: datetime) -> Answer:
    """Make a method the default. Refused with `method_unknown`."""
    if no := closed(member):
        return no
    if member.method(method_id) is None:
        return unknown_method(method_id)
    if member.default_method == method_id:
        return MemberDecision(member)
    return MemberDecision(member).then(e.MethodPreferred(at=at, by=by, method=method_id), default_method=method_id)


def gone(member: Member, method_id: str) -> Member:
    """The same member once the provider of a method that is leaving was told."""
    return evolve(member, leaving=tuple(it for it in member.leaving if it.id != method_id))


def unknown_method(method_id: str) -> Refusal:
    """The refusal of a method that is not the member's, or no longer."""
    return Refusal("method_unknown", f"there is no method of payment {method_id!r}", {"method": method_id})
