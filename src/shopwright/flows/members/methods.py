"""Methods of payment that providers keep for members: kept after a payment, listed, taken away, and paid with again.

    shop.payments.pay(...)                                      # by a tender with save=True
    shop.members.keep_method(KeepMethod(order_id=..., payment_id=...))
    PlaceOrder(..., tenders=(Tender(method="card", gateway="stripe", amount=900, saved="m1"),))

Rules
- SAVED-3: the provider is asked what it has kept, and its token is sealed for the member at once: it stands in no event, no log, no `repr`, no bundle
  that a member takes away, and leaves its seal for an order of theirs alone, under whose seal it then is;
- SAVED-4: a method that is taken away is paid with no more from that moment; its provider is told afterwards, and again with the next one that is
  taken away where it did not answer; one that is not kept there is gone;
- SAVED-5: to erase a member tells the providers first, as far as they answer, and then nobody has the tokens;
- a method that was kept before, by its token, keeps its id, and shows what is now known of it.
"""

from __future__ import annotations

import json
from datetime import datetime

from attrs import asdict, evolve, field, frozen

from shopwright.flows.checking import takes
from shopwright.flows.members import saving
from shopwright.flows.members.commands import KeepMethod, PreferMethod, RemoveMethod
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import Box, box
from shopwright.members import paying
from shopwright.members.actors import Actor
from shopwright.members.decision import MemberDecision, closed
from shopwright.members.member import Member, MemberAlias
from shopwright.members.methods import SavedMethod, method_subject
from shopwright.orders.order import Order
from shopwright.payments.errors import GatewayError, NotFound
from shopwright.payments.payment import Payment, Tender
from shopwright.payments.saved import MethodLabel, SavedToken
from shopwright.ports.gateway import SavesMethods
from shopwright.ports.storage import Changeset, Operation, Put, Stored
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class ListedMethod:
    """A method of payment as its owner is shown it; what charges it is not in here."""

    id: str
    gateway: str
    label: MethodLabel = field(repr=False)
    saved_at: datetime
    is_default: bool


def methods(ports: Ports, member_id: str, *, by: Actor) -> tuple[ListedMethod, ...] | Refusal:
    """The methods of a member, oldest first.

    Refused with `member_not_found`, also to customers for any other member, `member_merged`, `member_erased` and `personal_data_erased`.
    """
    stored = saving.read(ports, member_id, by)
    if isinstance(stored, Refusal):
        return stored
    if no := closed(stored.value):
        return no
    return listed(box(ports, member_id), stored.value)


def listed(theirs: Box, member: Member) -> tuple[ListedMethod, ...] | Refusal:
    """The same from a member and their box."""
    found = []
    for it in member.methods:
        token = opened(theirs, it)
        if isinstance(token, Refusal):
            return token
        is_default = it.id == member.default_method
        found.append(ListedMethod(id=it.id, gateway=it.gateway, label=token.label, saved_at=it.saved_at, is_default=is_default))
    return tuple(found)


@takes(KeepMethod)
def keep_method(ports: Ports, command: KeepMethod, *, at: datetime) -> Member | Refusal:
    """Keep the method that a payment was made with; the first one is the default.

    Refused with `member_not_found`, `member_merged`, `member_erased`, `methods_too_many`, with `order_not_found` also for an order of somebody else,
    `payment_unknown`, and `method_not_saved` where the provider has kept nothing, or not yet. Raises what a gateway raises that does not answer.
    """
    _, done = saving.begun(ports, command, command.member_id)
    if done is not None:
        return saving.as_it_stands(ports, command.member_id)
    stored = saving.read(ports, command.member_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    if no := closed(stored.value):
        return no
    payment = _payment(ports, command, stored.value)
    kept = payment if isinstance(payment, Refusal) else _kept(ports, payment)
    if isinstance(kept, Refusal):
        return kept
    gateway = payment.tender.gateway if isinstance(payment, Payment) else ""
    return saving.change(ports, command, lambda member: _keeping(ports, command, member, gateway, kept, at=at), at=at)


def _payment(ports: Ports, command: KeepMethod, member: Member) -> Payment | Refusal:
    stored = ports.storage.load(Order, command.order_id)
    if stored is None or stored.value.buyer_id not in member.ids:
        return Refusal("order_not_found", f"there is no order {command.order_id!r}", {"order": command.order_id})
    payment = stored.value.payment(command.payment_id)
    if payment is None:
        return Refusal("payment_unknown", f"order {stored.value.number} has no payment {command.payment_id!r}", {"payment": command.payment_id})
    return payment


def _kept(ports: Ports, payment: Payment) -> SavedToken | Refusal:
    """What the provider has kept. A gateway is asked outside of any transaction."""
    no = Refusal("method_not_saved", f"nothing was kept of payment {payment.id}", {"payment": payment.id})
    if not payment.tender.save or not payment.reference:
        return no
    gateway = ports.reached_gateway(payment.tender.gateway)
    if not isinstance(gateway, SavesMethods):
        return no
    try:
        return gateway.saved(payment.reference) or no
    except NotFound:
        return no


def _keeping(ports: Ports, command: KeepMethod, member: Member, gateway: str, kept: SavedToken, *, at: datetime) -> saving.Plan | Refusal:
    theirs = box(ports, member.id)
    id, saved_at = paying.next_method(member), at
    for it in member.methods:
        known = opened(theirs, it)
        if isinstance(known, SavedToken) and (it.gateway, known.token) == (gateway, kept.token):
            id, saved_at = it.id, it.saved_at
    method = SavedMethod(id=id, gateway=gateway, saved_at=saved_at, sealed=theirs.seal(method_subject(id), _text(kept)))
    decision = paying.keep(member, method, default=command.default, by=command.by, at=at)
    return decision if isinstance(decision, Refusal) else saving.Plan(decision, theirs.puts)


@takes(RemoveMethod)
def remove_method(ports: Ports, command: RemoveMethod, *, at: datetime) -> Member | Refusal:
    """Take a method away, and tell its provider. Refused with `member_not_found`, `member_merged`, `member_erased` and `method_unknown`."""

    def decide(member: Member) -> MemberDecision | Refusal:
        return paying.remove(member, command.method, by=command.by, at=at)

    member = saving.change(ports, command, decide, at=at)
    return member if isinstance(member, Refusal) else _told(ports, member, at=at)


@takes(PreferMethod)
def prefer_method(ports: Ports, command: PreferMethod, *, at: datetime) -> Member | Refusal:
    """Make a method the default. Refused with `member_not_found`, `member_merged`, `member_erased` and `method_unknown`."""

    def decide(member: Member) -> MemberDecision | Refusal:
        return paying.prefer(member, command.method, by=command.by, at=at)

    return saving.change(ports, command, decide, at=at)


def _told(ports: Ports, member: Member, *, at: datetime) -> Member:
    """The member once the providers of what is leaving were told, as far as they answer; inside a host's transaction nobody is told."""
    if not member.leaving or ports.storage.is_joined:
        return member
    theirs = box(ports, member.id)
    for method in member.leaving:
        if _is_forgotten(ports, theirs, method):
            member = _gone(ports, member.id, method.id, at=at)
    return member


def _is_forgotten(ports: Ports, theirs: Box, method: SavedMethod) -> bool:
    """Tell a provider; whether there is nothing more to tell."""
    token, gateway = opened(theirs, method), ports.gateways.get(method.gateway)
    if isinstance(token, Refusal) or not isinstance(gateway, SavesMethods):
        return True
    try:
        gateway.forget(token.token)
    except GatewayError:
        return False
    return True


def _gone(ports: Ports, member_id: str, method_id: str, *, at: datetime) -> Member:
    def attempt() -> Member:
        stored = ports.storage.load(Member, member_id)
        assert stored is not None, "members never leave the store"
        return _without(ports, stored, method_id, at=at)

    return tried(ports.storage, attempt)


def _without(ports: Ports, stored: Stored[Member], method_id: str, *, at: datetime) -> Member:
    member = paying.gone(stored.value, method_id)
    if member == stored.value:
        return member
    operation = Operation(f"method_gone/{member.id}/{method_id}"[:200], "method_gone")
    ports.storage.commit(Changeset(operation, at, puts=(Put(member.id, member, stored.version),)))
    return member


def forget_methods(ports: Ports, member: Member) -> None:
    """Tell the providers of all methods of a member who is erased, as far as they answer (SAVED-5)."""
    if (member.methods or member.leaving) and not ports.storage.is_joined:
        theirs = box(ports, member.id)
        for method in (*member.methods, *member.leaving):
            _is_forgotten(ports, theirs, method)


def with_saved(ports: Ports, buyer_id: str, tenders: tuple[Tender, ...], *, by: Actor) -> tuple[Tender, ...] | Refusal:
    """The same tenders with the sources of those that name a saved method, and with the owners of those that save one more.

    Refused with `method_unknown`: for a method that the buyer does not have, or not at this gateway, or that the one who asks may not use.
    """
    if not any(it.saved or it.save for it in tenders):
        return tenders
    member = _buyer(ports, buyer_id) if by.sees(buyer_id) else None
    theirs = None if member is None or not member.methods else box(ports, member.id)
    found: list[Tender] = []
    for tender in tenders:
        known = None if member is None or theirs is None else _at_gateway(member, theirs, tender)
        if isinstance(known, Refusal):
            return known
        if known is None and tender.saved:
            return paying.unknown_method(tender.saved)
        found.append(tender if known is None else _with(tender, known))
    return tuple(found)


def _with(tender: Tender, known: SavedToken) -> Tender:
    """A tender that is charged to a saved method, or that saves one more for its owner."""
    return evolve(tender, source=known.token, owner=known.owner) if tender.saved else evolve(tender, owner=tender.owner or known.owner)


def _at_gateway(member: Member, theirs: Box, tender: Tender) -> SavedToken | Refusal | None:
    """The method that a tender names; for one that saves, the latest at its gateway, whose owner will own the new one too."""
    if not tender.saved and not tender.save:
        return None
    wanted = [it for it in member.methods if it.gateway == tender.gateway and tender.saved in ("", it.id)]
    return opened(theirs, wanted[-1]) if wanted else None


def _buyer(ports: Ports, buyer_id: str) -> Member | None:
    """The member that a buyer is, under whichever id."""
    found = ports.storage.load_each({Member: [buyer_id], MemberAlias: [buyer_id]})
    alias = found.of(MemberAlias).get(buyer_id)
    stored = found.of(Member).get(buyer_id) if alias is None else ports.storage.load(Member, alias.value.member_id)
    return None if stored is None or not stored.value.is_open else stored.value


def opened(theirs: Box, method: SavedMethod) -> SavedToken | Refusal:
    """What is kept of a method, in the open. Refused with `personal_data_erased`."""
    text = theirs.open(method_subject(method.id), method.sealed)
    if isinstance(text, Refusal):
        return text
    told = json.loads(text)
    return SavedToken(token=told["token"], owner=told["owner"], label=MethodLabel(**told["label"]))


def _text(kept: SavedToken) -> str:
    return json.dumps(asdict(kept))
