"""Every public verb of a shop, found by introspection, and one good command of each kind: what tests of bad input start from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_type_hints

import attrs
from attrs import frozen

from shopwright import Coupon, FlatShipping, Money, OrderNumbers, PriceFacts, Product, Shop, Terms
from shopwright.flows import commands as c
from shopwright.flows.banking import AssignTransfer
from shopwright.flows.commands import Command
from shopwright.flows.disputing import AnswerDispute
from shopwright.flows.growth import commands as g
from shopwright.flows.members import commands as m
from shopwright.flows.returns.commands import CaseCommand
from shopwright.flows.vault.commands import ErasePerson
from shopwright.members.addresses import Address
from shopwright.members.contacts import Channel
from shopwright.orders.holds import HoldReason
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.notifications import RawNotification
from shopwright.payments.payment import Tender
from shopwright.pricing.facts import NoShipping, ShippingPerLine
from shopwright.shop.desks import Desk
from tests.flows.carted import CART_PARTS
from tests.flows.cased import CASE_PARTS
from tests.flows.cataloged import CATALOG_PARTS
from tests.flows.counted import STATISTICS_PARTS
from tests.flows.credited import CREDIT_PARTS
from tests.flows.edited import EDIT_PARTS
from tests.flows.excepted import EXCEPTION_PARTS
from tests.flows.labeled import LABEL_PARTS
from tests.flows.mall import ANN, CLERK, START, WANTED, an_order
from tests.flows.pointed import POINTS_PARTS
from tests.flows.risk.scenes import RISK_PARTS
from tests.flows.stocked import STOCK_PARTS
from tests.flows.subscribing import SUBSCRIPTION_PARTS
from tests.flows.tagged import TAG_PARTS
from tests.flows.viewed import VIEW_PARTS

GROUPS = tuple(name for name, type_ in get_type_hints(Shop).items() if issubclass(type_, Desk))


@frozen
class Verb:
    """A public method of a group of a shop: `orders.place`, with the type of the command it takes, if it takes one."""

    group: str
    name: str
    command: type[Command] | None

    def __str__(self) -> str:
        return f"{self.group}.{self.name}"

    def of(self, shop: Shop) -> Callable[..., Any]:
        """The method of this shop."""
        return getattr(getattr(shop, self.group), self.name)

    @property
    def takes_time(self) -> bool:
        """Whether it takes `at=`."""
        return "at" in inspect.signature(getattr(get_type_hints(Shop)[self.group], self.name)).parameters


def _verbs() -> Iterator[Verb]:
    groups = get_type_hints(Shop)
    for group in GROUPS:
        for name, method in inspect.getmembers(groups[group], inspect.isfunction):
            if not name.startswith("_"):
                yield Verb(group, name, get_type_hints(method).get("command"))


VERBS = tuple(_verbs())
COMMANDED = tuple(verb for verb in VERBS if verb.command is not None)

_TEA = Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(1000, "EUR"),))
_MAY = Coupon("MAY", amounts=(Money(100, "EUR"),), minimums=(Money(200, "EUR"),), starts=START, ends=START + timedelta(days=1), title="May")
_CARD = Tender(method="card", amount=4900, gateway="fake", source="tok_ok")
_PARTS: dict[type[Command], dict[str, Any]] = {
    c.PutProduct: {"product": _TEA},
    ErasePerson: {"subject": "ann"},
    c.ReceiveStock: {"sku": "TEA", "quantity": 1},
    c.PutCoupon: {"coupon": _MAY},
    c.RecordPayment: {"payment_id": "p1", "amount": Money(1, "EUR")},
    c.AddPayment: {"tenders": (_CARD,), "replaces": ("p1",)},
    c.RepayOrder: {"payment_id": "p1", "amount": Money(1, "EUR")},
    c.CapturePayment: {"payment_id": "p1", "amount": Money(1, "EUR")},
    c.RefundOrder: {"amount": Money(1, "EUR"), "reason": "sorry"},
    c.SendBackOrder: {"note": "which street?"},
    c.CorrectOrder: {"ship_to": an_order().ship_to},
    c.HoldOrder: {"hold_id": "h1", "reason": HoldReason.OTHER, "expires_at": START + timedelta(days=1)},
    c.LiftHold: {"hold_id": "h1"},
    c.NoteException: {"code": "odd_date", "facts": (("days", 3),)},
    c.ShipOrder: {"units": ((1, 1),), "carrier": "flat_rate", "wanted": WANTED},
    g.GrantTier: {"member_id": "ann", "tier": "gold", "until": START + timedelta(days=30), "reason": "a friend of the house"},
    g.CheckIn: {"member_id": "ann"},
    g.OpenReferrals: {"member_id": "ann", "code": "ANN-LEE"},
    g.RedeemReferral: {"member_id": "ann", "code": "BOB"},
    g.RejectReferral: {"member_id": "ann", "note": "one person"},
    g.RewardReview: {"member_id": "ann", "order_id": "0" * 26, "line_no": 1},
    g.RewardBirthday: {"member_id": "ann"},
    g.RewardManually: {"member_id": "ann", "points": 20, "reason": "a broken cup"},
    g.TakeBackReward: {"member_id": "ann", "reward_id": "review/1", "reason": "copied"},
    g.EndTierGrants: {"member_id": "ann", "reason": "no friend any more"},
    m.RegisterMember: {"email": "ann@mall.example", "phone": "+4930901820", "profile": {"name": "Ann"}},
    m.AddContact: {"channel": Channel.EMAIL, "contact": "ann@mall.example", "replaces": "c1"},
    m.RemoveContact: {"contact": "c1"},
    m.SendCode: {"contact": "c1"},
    m.VerifyContact: {"contact": "c1", "code": "123456"},
    m.ProveContact: {"contact": "c1", "code": "123456"},
    m.ChangeProfile: {"profile": {"name": "Ann"}, "locale": "de", "zone": "Europe/Berlin"},
    m.PutAddress: {"address": Address("Ann", ("1 Harbor Street",), "Hamburg", country="DE"), "address_id": "a1"},
    m.RemoveAddress: {"address_id": "a1"},
    m.KeepMethod: {"order_id": "0" * 26, "payment_id": "p1"},
    m.RemoveMethod: {"method": "m1"},
    m.PreferMethod: {"method": "m1"},
    m.GiveConsent: {"purpose": "news", "text_version": "1", "channel": "web"},
    m.WithdrawConsent: {"purpose": "news", "text_version": "1", "channel": "web"},
    m.BlockMember: {"reason": "fraud"},
    m.AdoptGuest: {"guest_id": "g1"},
    m.EraseMember: {},
    m.MergeMembers: {"other_id": "lee"},
    AssignTransfer: {"transfer_id": "bank/L1", "shares": (("0" * 26, 4900),)},
    AnswerDispute: {"payment_id": "p1", "dispute_id": "d1", "evidence": Evidence({EvidencePart.EXPLANATION: "it was delivered"})},
    c.KeepLooseMoney: {"source": "bank", "method": "transfer", "amount": Money(5, "EUR"), "reason": "no_order", "facts": (("line", 7),)},
    **CART_PARTS,
    **POINTS_PARTS,
    **CATALOG_PARTS,
    **STOCK_PARTS,
    **RISK_PARTS,
    **CREDIT_PARTS,
    **EXCEPTION_PARTS,
    **TAG_PARTS,
    **VIEW_PARTS,
    c.RefundUnits: {"units": ((1, 1),), "reason": "it does not fit"},
    c.GiveGoodwill: {"amount": Money(1, "EUR"), "reason": "it came late"},
    **SUBSCRIPTION_PARTS,
    **EDIT_PARTS,
    **CASE_PARTS,
    **LABEL_PARTS,
    **STATISTICS_PARTS,
}


def a_command(type_: type[Command], *, order_id: str = "0" * 26, key: str = "k") -> Command:
    """A command of this kind with nothing wrong in it, though the order it is about may not be there."""
    if type_ is c.PlaceOrder:
        return attrs.evolve(an_order(key=key, coupon="SPRING"), promised_at=START, external_id="M-1")
    about: dict[str, Any] = {"order_id": order_id} if issubclass(type_, c.OrderCommand) else {}
    if issubclass(type_, m.MemberCommand):
        about["member_id"] = "ann"
    if issubclass(type_, CaseCommand):
        about["case_id"] = "none"
    if issubclass(type_, c.ShipmentCommand):
        about["shipment_id"] = "s1"
    return type_(key=key, by=ANN if type_ is c.PayOrder else CLERK, **about, **_PARTS.get(type_, {}))


def all_values() -> tuple[Any, ...]:
    """Every attrs value that a shop is given, one of each type: what a caller can put something wrong into."""
    found: dict[type, Any] = {}
    stack: list[Any] = [a_command(verb.command) for verb in COMMANDED if verb.command]
    stack += [NoShipping(), FlatShipping("post", 400), ShippingPerLine("post", (1, 2)), Terms(), OrderNumbers(), PriceFacts((_TEA,), coupon=_MAY)]
    stack.append(RawNotification(headers=(("signature", "x"),), body=b"{}", received_at=START))
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            stack += value
        elif attrs.has(type(value)):
            found.setdefault(type(value), value)
            stack += [getattr(value, field.name) for field in attrs.fields(type(value)) if field.init]
    return tuple(sorted(found.values(), key=lambda value: type(value).__name__))
