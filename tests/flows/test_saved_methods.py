"""Saved methods of payment: kept as tokens under seal, shown by a label, paid with by their member alone, and gone when they are to go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, PayOrder, Tender, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, VaultMissing
from shopwright.flows.commands import AddPayment
from shopwright.flows.members import commands as m
from shopwright.flows.members.methods import ListedMethod
from shopwright.members.events import MethodPreferred, MethodRemoved, MethodSaved
from shopwright.payments.errors import NotSent
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.payment import Payment
from shopwright.payments.requests import StartPayment
from shopwright.payments.saved import MethodLabel, SavedToken
from shopwright.wire.kinds import KINDS
from shopwright.wire.member_kinds import MEMBERS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, refused
from tests.flows.membering import keeping, merging, of_ann, paid_and_saved, registered, saving_tender, two_methods
from tests.flows.vaulted import VAULTED

BOB = customer("bob")
VISA = MethodLabel(brand="visa", last_four="4242", expires="2030-12")


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def with_saved(method: str = "m1", **facts: Any) -> Tender:
    return Tender(method="card", amount=4900, gateway="fake", saved=method, **facts)


def ordered(mall: Mall, tender: Tender, *, key: str = "again", by: Any = ANN, buyer_id: str = "ann") -> Any:
    return mall.shop.orders.place(evolve(an_order(key=key), tenders=(tender,), by=by, buyer_id=buyer_id))


def paid_with(mall: Mall, tender: Tender) -> Payment:
    order = accepted(ordered(mall, tender))
    return accepted(mall.shop.payments.pay(PayOrder(key="pay-again", by=ANN, order_id=order.id))).payments[0]


def test_a_method_is_kept_after_a_payment_and_shown_by_its_label(mall: Mall) -> None:
    order = paid_and_saved(mall)
    member = accepted(mall.shop.members.keep_method(keeping(order.id)))
    (id,) = (it.id for it in member.methods)
    shown = (ListedMethod(id=id, gateway="fake", label=VISA, saved_at=START, is_default=True),)
    assert (accepted(mall.shop.members.methods("ann", by=ANN)), member.default_method) == (shown, id)


def test_to_keep_the_same_method_again_keeps_one(mall: Mall) -> None:
    first, second = (paid_and_saved(mall, key=key) for key in ("one", "two"))
    accepted(mall.shop.members.keep_method(keeping(first.id, key="keep-one")))
    accepted(mall.shop.members.keep_method(keeping(second.id, key="keep-two")))
    assert len(accepted(mall.shop.members.methods("ann", by=ANN))) == 1


def test_a_saved_method_pays_for_another_order_of_its_member(mall: Mall) -> None:
    id = two_methods(mall).methods[0].id
    payment = paid_with(mall, with_saved(id))
    assert (payment.captured, payment.tender.saved, payment.tender.source, payment.tender.owner) == (4900, id, "", "")


def test_nobody_pays_with_the_method_of_another(mall: Mall) -> None:
    """Not as themselves, not in the name of its owner, not for an order that they add to, and not at another gateway."""
    id = two_methods(mall).methods[0].id
    registered(mall, key="bob", member_id="bob", email="bob@mall.example")
    assert refused(ordered(mall, with_saved(id), by=BOB, buyer_id="bob")) == "method_unknown"
    assert refused(ordered(mall, with_saved(id), by=BOB, buyer_id="ann")) == "method_unknown"
    assert refused(ordered(mall, with_saved("m9"))) == "method_unknown"
    theirs = accepted(mall.shop.orders.place(evolve(an_order(key="bobs"), buyer_id="bob", by=BOB)))
    add = AddPayment(key="add", by=BOB, order_id=theirs.id, tenders=(with_saved(id),), replaces=("p1",))
    assert refused(mall.shop.payments.add(add)) == "method_unknown"


def test_an_order_that_was_placed_with_a_method_is_there_though_the_method_is_not(mall: Mall) -> None:
    id = two_methods(mall).methods[0].id
    order = accepted(ordered(mall, with_saved(id)))
    accepted(mall.shop.members.remove_method(of_ann(m.RemoveMethod, method=id)))
    assert accepted(ordered(mall, with_saved(id))).id == order.id


def test_a_declined_order_is_paid_with_a_saved_method(mall: Mall) -> None:
    id = two_methods(mall).methods[0].id
    order = accepted(mall.shop.orders.place(an_order(key="no", token="tok_declined")))
    accepted(mall.shop.payments.pay(PayOrder(key="pay-no", by=ANN, order_id=order.id)))
    accepted(mall.shop.payments.add(AddPayment(key="add", by=ANN, order_id=order.id, tenders=(with_saved(id),), replaces=("p1",))))
    after = accepted(mall.shop.payments.pay(PayOrder(key="yes", by=ANN, order_id=order.id)))
    assert [it.captured for it in after.payments] == [0, 4900]


def test_the_default_is_the_first_until_another_is_preferred_or_it_is_gone(mall: Mall) -> None:
    first, second = (it.id for it in two_methods(mall).methods)
    defaults = [accepted(mall.shop.members.get("ann")).default_method]
    defaults.append(accepted(mall.shop.members.prefer_method(of_ann(m.PreferMethod, method=second))).default_method)
    defaults.append(accepted(mall.shop.members.remove_method(of_ann(m.RemoveMethod, method=second))).default_method)
    assert defaults == [first, second, first]
    told = [it.value for it in mall.storage.read(MEMBERS, key="ann")]
    kinds = [type(it) for it in told if isinstance(it, MethodSaved | MethodPreferred | MethodRemoved)]
    assert kinds == [MethodSaved, MethodSaved, MethodPreferred, MethodRemoved]


def test_a_method_that_is_removed_pays_no_more_and_its_provider_is_told(mall: Mall) -> None:
    """SAVED-4"""
    id = two_methods(mall).methods[0].id
    member = accepted(mall.shop.members.remove_method(of_ann(m.RemoveMethod, method=id)))
    assert (mall.provider.forgotten, member.leaving) == ({"tok_ok"}, ())
    assert refused(ordered(mall, with_saved(id))) == "method_unknown"


class Silent(FakeGateway):
    """A gateway whose provider cannot be reached when it is to forget."""

    silent = True

    def forget(self, token: str) -> None:
        if self.silent:
            raise NotSent("no way there")
        super().forget(token)


def test_a_provider_that_does_not_answer_is_told_with_the_next_removal(mall: Mall) -> None:
    """SAVED-4"""
    first, second = (it.id for it in two_methods(mall).methods)
    gateway = Silent(provider=mall.provider)
    shop = mall.shop
    object.__setattr__(shop.members, "ports", evolve(shop.ports, gateways={"fake": gateway}))
    waiting = accepted(shop.members.remove_method(of_ann(m.RemoveMethod, method=first)))
    assert ([it.id for it in waiting.leaving], waiting.method(first), mall.provider.forgotten) == ([first], None, set())
    gateway.silent = False
    told = accepted(shop.members.remove_method(evolve(of_ann(m.RemoveMethod, method=second), key="second")))
    assert (told.leaving, mall.provider.forgotten) == ((), {"tok_ok", "tok_ok+capture_ok"})


def test_to_erase_a_member_tells_the_provider_and_leaves_nothing(mall: Mall) -> None:
    """SAVED-5"""
    two_methods(mall)
    erased = accepted(mall.shop.members.erase(of_ann(m.EraseMember)))
    assert (erased.methods, erased.leaving, erased.default_method) == ((), (), "")
    assert mall.provider.forgotten == {"tok_ok", "tok_ok+capture_ok"}
    assert refused(mall.shop.members.methods("ann", by=CLERK)) == "member_erased"


def test_two_records_that_become_one_have_the_methods_of_both(mall: Mall) -> None:
    """MERGE-2"""
    two_methods(mall)
    registered(mall, key="lee", member_id="lee", email="lee@mall.example")
    theirs = paid_and_saved(mall, key="lees", member_id="lee")
    accepted(mall.shop.members.keep_method(keeping(theirs.id, key="keep-lees", member_id="lee")))
    member = accepted(mall.shop.members.merge(merging()))
    shown = accepted(mall.shop.members.methods("ann", by=ANN))
    assert ([it.label for it in shown], [it.is_default for it in shown]) == ([VISA] * 3, [True, False, False])
    assert len({it.id for it in member.methods}) == 3
    assert accepted(mall.shop.members.get("lee")).methods == ()
    assert paid_with(mall, with_saved(shown[-1].id)).captured == 4900


SECRETS = ("tok_ok", "cus_fake")


def test_no_token_stands_in_any_event_document_repr_or_bundle(mall: Mall) -> None:
    """SAVED-2 and SAVED-3"""
    member = two_methods(mall)
    payment = paid_with(mall, with_saved(member.methods[0].id))
    bundle = accepted(mall.shop.members.export("ann", by=ANN))
    written = [
        mall.shop.ports.codec.dump(accepted(mall.shop.members.get("ann"))),
        *(mall.shop.ports.codec.dump(order) for order in mall.orders()),
        *(repr(it.value) for it in mall.storage.read(MEMBERS, key="ann")),
        *(repr(it.value) for it in mall.storage.read("events", limit=500)),
        json.dumps(bundle, default=str),
        repr(member),
        repr(payment),
        repr(accepted(mall.shop.members.methods("ann", by=ANN))),
    ]
    assert [text for text in written if any(secret in text for secret in SECRETS)] == []
    assert [it["label"]["last_four"] for it in bundle["methods"]] == ["4242", "4242"]


def test_a_label_holds_no_number_of_a_card() -> None:
    """SAVED-1"""
    for facts in ({"last_four": "42424242"}, {"brand": "4242424242424242"}, {"kind": "42424"}, {"expires": "12/30"}, {"last_four": "abcd"}):
        with pytest.raises(InvalidValue) as told:
            MethodLabel(**facts)
        assert "4242" not in str(told.value)
    token = SavedToken(token="pm_1", owner="cus_1", label=VISA)
    assert ("pm_1" in repr(token), "cus_1" in repr(token)) == (False, False)
    assert (VISA.is_over(START), MethodLabel(expires="2026-02").is_over(START), MethodLabel().is_over(START)) == (False, True, False)


def test_who_pays_with_a_saved_method_gives_no_token_beside_it() -> None:
    with pytest.raises(InvalidValue, match="got both"):
        evolve(an_order(), tenders=(with_saved(source="tok_ok"),))
    with pytest.raises(InvalidValue, match="paid with a fresh one"):
        saving_tender(absent=True)
    with pytest.raises(InvalidValue, match="nobody is there"):
        a_start(save=True, absent=True)


def a_start(**facts: Any) -> StartPayment:
    return StartPayment(key=OperationKey("order_1"), amount=Money(1, "EUR"), description="", flow=Flow.TOKEN, at=START, **facts)


def test_a_shop_without_a_vault_keeps_no_methods() -> None:
    mall = Mall(MemoryStorage(KINDS))
    with pytest.raises(VaultMissing):
        mall.shop.members.keep_method(keeping("o"))


def test_a_member_without_methods_is_stored_as_before(mall: Mall) -> None:
    plain = json.loads(mall.shop.ports.codec.dump(registered(mall)))
    assert not {"methods", "leaving", "default_method"} & set(plain)
