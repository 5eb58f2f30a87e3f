"""Members for flow tests: how they come to be, and one scenario or more for every flow about them."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import Address, Order, PayOrder, Refusal, Tender, accepted, customer
from shopwright.flows.members import commands as m
from shopwright.flows.points.commands import GrantPoints
from shopwright.members.codes import CodePurpose
from shopwright.members.contacts import Channel
from shopwright.members.member import Member
from tests.flows.mall import ANN, CLERK, Mall, an_order, placed
from tests.flows.vaulted import rotated

EMAIL, PHONE = "Ann.Lee@mall.example", "+49 30 901820"
HOME = Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE")


def registering(*, key: str = "register", member_id: str = "ann", **facts: Any) -> m.RegisterMember:
    """Ann registers with an e-mail address."""
    known = {"email": EMAIL, "profile": {"name": "Ann Lee", "born": "1990-02-28"}, "by": CLERK, **facts}
    return m.RegisterMember(key=key, member_id=member_id, **known)


def registered(mall: Mall, **facts: Any) -> Member:
    """Ann, who has not verified anything."""
    return accepted(mall.shop.members.register(registering(**facts)))


def verifying(mall: Mall, *, key: str = "verify", member_id: str = "ann", contact: str = "c1", code: str = "", by: Any = None) -> m.VerifyContact:
    """The code that was sent is entered."""
    typed = code or mall.post.code(contact)
    return m.VerifyContact(key=key, by=by or customer(member_id), member_id=member_id, contact=contact, code=typed)


def verified(mall: Mall, **facts: Any) -> Member:
    """Ann, whose e-mail address is hers."""
    member = registered(mall, **facts)
    return accepted(mall.shop.members.verify(verifying(mall, key=f"verify-{member.id}", member_id=member.id)))


def two_records(mall: Mall) -> Member:
    """Ann twice: `ann`, verified by e-mail, and `lee`, by phone, with an address, a guest, consents and an order of each."""
    desk = mall.shop.members
    verified(mall)
    other = registered(mall, key="register-lee", member_id="lee", email=EMAIL, phone=PHONE, profile={"name": "A. Lee", "company": "Harbor Teas"})
    accepted(desk.verify(verifying(mall, key="verify-lee", member_id="lee", contact="c2")))
    accepted(desk.put_address(m.PutAddress(key="home", by=CLERK, member_id="lee", address=HOME)))
    accepted(desk.adopt_guest(m.AdoptGuest(key="guest", by=CLERK, member_id="lee", guest_id="guest-7")))
    for member_id, purpose in (("ann", "news"), ("lee", "news"), ("lee", "calls")):
        accepted(desk.give_consent(consenting(m.GiveConsent, key=f"yes-{member_id}-{purpose}", member_id=member_id, purpose=purpose)))
    accepted(desk.withdraw_consent(consenting(m.WithdrawConsent, key="no", member_id="lee")))
    for account, points in (("points/ann", 10), ("points/lee", 20), ("points/guest-7", 5)):
        accepted(mall.shop.points.grant(GrantPoints(key=f"to-{account}", by=CLERK, account_id=account, lot_id=account, points=points)))
    placed(mall.shop)
    return other


def consenting(kind: type[Any], *, key: str = "consent", member_id: str = "ann", purpose: str = "news") -> Any:
    """Ann says yes or no to a purpose."""
    return kind(key=key, by=customer(member_id), member_id=member_id, purpose=purpose, text_version="2026-01", channel="web")


def merging(*, key: str = "merge", into: str = "ann", other: str = "lee") -> m.MergeMembers:
    """The shop finds that two records are one person."""
    return m.MergeMembers(key=key, by=CLERK, member_id=into, other_id=other)


def of_ann(kind: type[Any], **facts: Any) -> Any:
    """A command of Ann's about herself."""
    return kind(key=kind.__name__, by=facts.pop("by", ANN), member_id="ann", **facts)


def acts() -> tuple[tuple[str, str, Any, Any], ...]:
    """Name, verb, act and what comes before it, of the scenarios for every flow about members."""

    def desk(verb: str, command: Any) -> Any:
        return lambda mall, _: getattr(mall.shop.members, verb)(command(mall) if callable(command) else command)

    work = of_ann(m.AddContact, channel=Channel.EMAIL, contact="work@mall.example", replaces="c1")
    return (
        ("register a member", "register_member", desk("register", registering(phone=PHONE)), None),
        ("register a member whom the host knows", "register_member", desk("register", registering(verified=True)), None),
        ("add a contact", "add_contact", desk("add_contact", work), verified),
        ("remove a contact", "remove_contact", desk("remove_contact", of_ann(m.RemoveContact, contact="c1")), verified),
        ("send a code", "send_code", desk("send_code", of_ann(m.SendCode, contact="c1", purpose=CodePurpose.PROVE)), verified),
        ("verify a contact", "verify_contact", desk("verify", verifying), registered),
        ("enter a wrong code", "verify_contact", desk("verify", lambda mall: verifying(mall, code="wrong")), registered),
        ("verify a contact in the place of another", "verify_contact", desk("verify", lambda mall: verifying(mall, contact="c2")), _replacing),
        ("prove a contact", "prove_contact", desk("prove", lambda mall: of_ann(m.ProveContact, contact="c1", code=mall.post.code())), _proving),
        (
            "change a profile",
            "change_profile",
            desk("change_profile", of_ann(m.ChangeProfile, profile={"name": "Ann Doe", "born": ""}, zone="Asia/Tokyo")),
            registered,
        ),
        ("book an address", "put_address", desk("put_address", of_ann(m.PutAddress, address=HOME)), registered),
        ("take an address out of the book", "remove_address", desk("remove_address", of_ann(m.RemoveAddress, address_id="a2")), _booked),
        ("give consent", "give_consent", desk("give_consent", consenting(m.GiveConsent)), registered),
        ("withdraw consent", "withdraw_consent", desk("withdraw_consent", consenting(m.WithdrawConsent)), registered),
        ("block a member", "block_member", desk("block", of_ann(m.BlockMember, reason="fraud", by=CLERK)), registered),
        ("unblock a member", "unblock_member", desk("unblock", of_ann(m.UnblockMember, by=CLERK)), blocked),
        ("keep a method of payment", "keep_method", desk("keep_method", lambda mall: keeping(mall.orders()[0].id)), paid_and_saved),
        ("prefer a method of payment", "prefer_method", desk("prefer_method", of_ann(m.PreferMethod, method="m2")), two_methods),
        ("remove a method of payment", "remove_method", desk("remove_method", of_ann(m.RemoveMethod, method="m1")), two_methods),
        ("adopt a guest", "adopt_guest", desk("adopt_guest", of_ann(m.AdoptGuest, guest_id="guest-7", by=CLERK)), registered),
        ("erase a member", "erase_member", desk("erase", of_ann(m.EraseMember)), _merged),
        ("hash members anew", "rehash_members", lambda mall, _: rotated(mall).members.rehash(), _merged),
        ("merge two members", "merge_members", desk("merge", merging()), two_records),
        ("merge a member who is blocked", "merge_members", desk("merge", merging()), _blocked_record),
    )


def saving_tender(**facts: Any) -> Tender:
    """A card that is charged for an order of Ann's, and kept."""
    return Tender(**{"method": "card", "amount": 4900, "gateway": "fake", "source": "tok_ok", "save": True, **facts})


def paid_and_saved(mall: Mall, *, key: str = "o1", member_id: str = "ann", source: str = "tok_ok") -> Order:
    """An order of Ann's, whose card the provider has kept."""
    if isinstance(mall.shop.members.get(member_id), Refusal):
        registered(mall, member_id=member_id)
    command = evolve(an_order(key=key), buyer_id=member_id, by=customer(member_id), tenders=(saving_tender(source=source),))
    order = accepted(mall.shop.orders.place(command))
    return accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{key}", by=customer(member_id), order_id=order.id)))


def keeping(order_id: str, *, key: str = "keep", member_id: str = "ann", default: bool = False) -> m.KeepMethod:
    """The card that an order was paid with is kept."""
    return m.KeepMethod(key=key, by=customer(member_id), member_id=member_id, order_id=order_id, payment_id="p1", default=default)


def two_methods(mall: Mall, *, member_id: str = "ann") -> Member:
    """A member with two cards: `m1`, the default, and `m2`."""
    for n, source in enumerate(("tok_ok", "tok_ok+capture_ok"), 1):
        order = paid_and_saved(mall, key=f"{member_id}-{n}", member_id=member_id, source=source)
        member = accepted(mall.shop.members.keep_method(keeping(order.id, key=f"keep-{member_id}-{n}", member_id=member_id)))
    return member


def _replacing(mall: Mall) -> None:
    verified(mall)
    accepted(mall.shop.members.add_contact(of_ann(m.AddContact, channel=Channel.EMAIL, contact="work@mall.example", replaces="c1")))


def _proving(mall: Mall) -> None:
    verified(mall)
    mall.clock.advance(minutes=2)
    accepted(mall.shop.members.send_code(of_ann(m.SendCode, contact="c1", purpose=CodePurpose.PROVE)))


def _booked(mall: Mall) -> None:
    registered(mall)
    accepted(mall.shop.members.put_address(of_ann(m.PutAddress, address=HOME)))


def blocked(mall: Mall) -> None:
    """Ann, whose orders are not welcome."""
    registered(mall)
    accepted(mall.shop.members.block(of_ann(m.BlockMember, reason="fraud", by=CLERK)))


def _merged(mall: Mall) -> None:
    two_records(mall)
    accepted(mall.shop.members.merge(merging()))


def _blocked_record(mall: Mall) -> None:
    two_records(mall)
    accepted(mall.shop.members.block(m.BlockMember(key="block", by=CLERK, member_id="lee", reason="fraud")))
