"""What is known of a payment: from the app, the order, the buyer, lists and engines; kept as keyed hashes alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Order, PayOrder, Product, PutProduct, Refusal, Shop, accepted, customer
from shopwright.errors import InvalidValue
from shopwright.flows.growth.commands import OpenReferrals, RedeemReferral
from shopwright.flows.members.commands import RegisterMember
from shopwright.flows.risk.commands import PutOnList, TakeOffList
from shopwright.flows.vault.commands import ErasePerson
from shopwright.payments.errors import Indeterminate, Misconfigured, NotSent, Throttled
from shopwright.payments.risk.conditions import (
    AccountYounger,
    AmountAbove,
    AmountUnusual,
    ChargebacksAbove,
    CountriesDiffer,
    CountryIn,
    EmailDisposable,
    FirstOrder,
    FundedBy,
    GoodsTagged,
    IpAnonymous,
    IsGuest,
    OnList,
    PaidBy,
    RiskCondition,
    ScoreAbove,
)
from shopwright.payments.risk.context import Funding, PaymentContext, Where
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.payments.risk.velocities import Kind, Link
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.risk import AskedEngine, IfUnscored, Risk, RiskRequest
from shopwright.ports.storage import Query
from shopwright.promotions.basket import Buyer
from shopwright.wire.risk_kinds import Listed, OrderLinks
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed
from tests.flows.risk.judged import HERE, HOUR, KEY, a_risk, a_rule, assessed, attempt, judging, more_than, noted, of_kind, pay, told, trails
from tests.flows.vaulted import VAULTED

BLOCK = Verdict.BLOCK
NEW_KEY = b"fedcba9876543210" * 2


class Known:
    """Ann has been a member for a day."""

    def known(self, buyer_id: str, *, at: Any) -> Buyer:
        return Buyer(buyer_id, joined_at=START - timedelta(days=1))


@pytest.mark.parametrize(
    ("when", "context"),
    [
        (CountriesDiffer(Where.CARD, Where.SHIPPING), {"card_country": "FR"}),
        (CountryIn(Where.SHIPPING, ("DE",)), {}),
        (CountryIn(Where.IP, ("US",)), {"ip_country": "US"}),
        (CountryIn(Where.BILLING, ("US",)), {"billing_country": "US"}),
        (CountryIn(Where.PHONE, ("US",)), {"phone_country": "US"}),
        (EmailDisposable(), {"email_disposable": True}),
        (IpAnonymous(), {"ip_anonymous": True}),
        (FundedBy((Funding.PREPAID,)), {"funding": Funding.PREPAID}),
        (PaidBy(("card",)), {}),
        (FirstOrder(), {}),
        (AccountYounger(timedelta(days=2)), {}),
        (GoodsTagged(("gift_card",)), {}),
        (AmountAbove(4_899), {}),
    ],
    ids=lambda it: type(it).__name__ if not isinstance(it, dict) else "-".join(it) or "by-itself",
)
def test_what_a_rule_asks_is_known(when: RiskCondition, context: dict[str, Any]) -> None:
    mall = judging(a_rule(when, BLOCK), buyers=Known())
    product = Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(1000, "EUR"),), tags=("gift_card",))
    accepted(mall.shop.goods.put(PutProduct(key="tagged", by=CLERK, product=product)))

    assert told(attempt(mall, 1, context=PaymentContext(**context))) == "payment_blocked"


def test_what_nobody_knows_holds_nobody_up_and_is_told() -> None:
    rules = [a_rule(it, BLOCK, type(it).__name__) for it in (IsGuest(), IpAnonymous(), EmailDisposable(), AccountYounger(HOUR), AmountUnusual(200))]
    mall = judging(*rules, more_than(1, velocity=of_kind(Kind.ATTEMPT, Link.EMAIL)))
    order = accepted(attempt(mall, 1, context=None))

    assert [it.unknown for it in assessed(mall, order.id)] == [(*[it.id for it in rules], "often")]


def test_what_was_told_when_the_order_was_placed_counts_and_the_later_word_before_it() -> None:
    mall = judging(a_rule(CountryIn(Where.IP, ("US",)), BLOCK), more_than(0, velocity=of_kind(Kind.DECLINE)))
    order = placed(mall.shop, evolve(an_order(), context=evolve(HERE, ip_country="US")))

    assert told(pay(mall.shop, order, context=None)) == "payment_blocked"
    assert told(pay(mall.shop, order, key="elsewhere", context=PaymentContext(ip_country="DE"))) == "allow"
    assert noted(mall, Link.IP) == [("attempt", 4900), ("attempt", 4900), ("success", 4900)]


def test_the_usual_order_is_what_was_paid_and_kept() -> None:
    mall = judging(a_rule(AmountUnusual(110), BLOCK, "dear"), a_rule(FirstOrder(), Verdict.ALLOW, "first"))
    accepted(attempt(mall, 1, coupon="SPRING"))
    accepted(attempt(mall, 2, token="tok_declined", coupon="SPRING"))

    assert told(attempt(mall, 3)) == "payment_blocked"
    fired = [it for order in mall.orders() for said in assessed(mall, order.id) for it in said.fired if it.rule == "dear"]
    assert [dict(it.inputs) for it in fired] == [{"amount": 4900, "usual_amount": 4450}]


def test_nothing_is_kept_of_what_the_app_told_but_hashes() -> None:
    context = PaymentContext(ip="203.0.113.77", device="device-seventy", email="Ann@Mall.Example", phone="+49 30 901820", card="fp-seventy")
    velocities = [more_than(100, velocity=of_kind(Kind.ATTEMPT, link), id=link.value) for link in Link]
    mall = judging(*velocities)
    order = accepted(attempt(mall, 1, context=context))
    kept = [it.value for kind in (OrderLinks,) for it in mall.storage.find(Query(kind)).items]  # type: ignore[type-abstract]
    codec = mall.shop.ports.codec
    written = "".join(codec.dump(it) for it in (*kept, *trails(mall).values(), *[it.value for it in mall.shop.orders.history(order.id)][1:]))

    assert sorted(id.partition("/")[0] for id in trails(mall)) == sorted(Link)
    for value in ("203.0.113.77", "device-seventy", "mall.example", "901820", "fp-seventy", "Harbor", "user"):
        assert value not in written.casefold()
        assert value not in repr(context)


def test_a_card_is_never_told_by_its_number() -> None:
    with pytest.raises(InvalidValue, match="never the number of a card"):
        PaymentContext(card="4242 4242 4242 4242")


def test_a_country_is_told_by_its_code() -> None:
    with pytest.raises(InvalidValue, match="a code of ISO 3166-1"):
        PaymentContext(ip_country="de")


def test_members_are_no_guests_and_their_accounts_have_an_age() -> None:
    mall = judging(a_rule(IsGuest(), BLOCK, "guest"), a_rule(AccountYounger(HOUR), BLOCK, "young"), **VAULTED)
    member = accepted(mall.shop.members.register(RegisterMember(key="join", by=CLERK, email="ann@mall.example")))
    theirs = evolve(an_order(key="o1"), buyer_id=member.id, by=customer(member.id))
    young, later = (placed(mall.shop, evolve(theirs, key=key)) for key in ("o1", "o2"))

    def paid(order: Order) -> Order | Refusal:
        return mall.shop.payments.pay(PayOrder(key=f"pay-{order.id}", by=customer(member.id), order_id=order.id))

    assert told(attempt(mall, 3)) == "payment_blocked"
    assert told(paid(young)) == "payment_blocked"
    mall.clock.advance(HOUR)
    assert told(paid(later)) == "allow"
    assert [[one.rule for one in assessed(mall, order.id)[0].fired] for order in (young, later)] == [["young"], []]


def test_an_address_that_was_erased_links_nobody() -> None:
    mall = judging(more_than(0, velocity=of_kind(Kind.ATTEMPT, Link.ADDRESS)), **VAULTED)
    order = placed(mall.shop)
    accepted(mall.shop.persons.erase(ErasePerson(key="erase", by=CLERK, subject="ann")))

    assert (told(pay(mall.shop, order)), [it.unknown for it in assessed(mall, order.id)]) == ("allow", [("often",)])


def test_small_differences_in_writing_make_no_other_link() -> None:
    mall = judging(more_than(1, velocity=of_kind(Kind.ATTEMPT, Link.EMAIL)))
    assert told(attempt(mall, 1, context=PaymentContext(email="Ann@Mall.Example"))) == "allow"
    assert told(attempt(mall, 2, context=PaymentContext(email=" ann@mall.example"))) == "payment_blocked"


def test_one_address_and_one_saved_card_are_links_of_their_own() -> None:
    mall = judging(more_than(1, velocity=of_kind(Kind.ATTEMPT, Link.ADDRESS)), more_than(2, velocity=of_kind(Kind.ATTEMPT, Link.CARD), id="card"))
    assert [told(attempt(mall, number, context=None)) for number in range(3)] == ["allow", "payment_blocked", "payment_blocked"]
    assert (noted(mall, Link.ADDRESS), noted(mall, Link.CARD)) == ([*[("attempt", 4900)] * 3, ("success", 4900)],) * 2


# What became of payments.


def test_declines_successes_and_chargebacks_are_counted() -> None:
    mall = judging(more_than(1, velocity=of_kind(Kind.DECLINE)), a_rule(ChargebacksAbove(0), BLOCK, "charged-back"))
    accepted(attempt(mall, 1, token="tok_declined"))
    assert told(attempt(mall, 2, token="tok_chargeback")) == "allow"
    mall.clock.advance(timedelta(days=40))
    mall.provider.advance()
    for raw in mall.provider.notifications(duplicate=2):
        mall.shop.payments.receive("fake", raw)

    assert noted(mall, Link.IP) == [("chargeback", 4900)]
    assert told(attempt(mall, 3, context=PaymentContext(ip=HERE.ip))) == "payment_blocked"
    mall.clock.advance(timedelta(days=366))
    assert told(attempt(mall, 4)) == "allow"


def test_coupons_and_referrals_are_counted_once() -> None:
    rules = more_than(1, velocity=of_kind(Kind.COUPON)), more_than(0, velocity=of_kind(Kind.REFERRAL, Link.BUYER), id="referred")
    mall = judging(rules[0])
    assert [told(attempt(mall, number, coupon="SPRING")) for number in range(2)] == ["allow", "payment_blocked"]
    assert [it for it in noted(mall, Link.IP) if it[0] == "coupon"] == [("coupon", 0)] * 2

    mall = judging(rules[1])
    bob = customer("bob")
    accepted(mall.shop.growth.open_referrals(OpenReferrals(key="open", by=bob, member_id="bob", code="bob-1")))
    accepted(mall.shop.growth.redeem_referral(RedeemReferral(key="by-bob", by=ANN, member_id="ann", code="BOB-1")))
    assert told(attempt(mall, 1)) == "payment_blocked"
    attempt(mall, 2)
    assert [it for it in noted(mall, Link.BUYER) if it[0] == "referral"] == [("referral", 0)]


# Lists.


def on(mall: Mall, name: str = "bad", **facts: Any) -> Listed | Refusal:
    key = f"on-{name}-{len(facts)}"
    return mall.shop.risk.put_on_list(PutOnList(**{"key": key, "by": CLERK, "name": name, "link": Link.IP, "value": HERE.ip, **facts}))


def test_who_stands_on_a_list_stands_there_until_its_end_or_until_taken_off() -> None:
    mall = judging(a_rule(OnList("bad"), BLOCK))
    assert told(attempt(mall, 1)) == "allow"
    accepted(on(mall, until=START + HOUR, why="tested_cards"))
    assert told(attempt(mall, 2)) == "payment_blocked"
    mall.clock.advance(HOUR)
    assert told(attempt(mall, 3)) == "allow"

    listed = accepted(on(mall))
    assert (listed.until, HERE.ip in repr(listed)) == (None, False)
    assert told(attempt(mall, 4)) == "payment_blocked"
    off = TakeOffList(key="off", by=CLERK, name="bad", link=Link.IP, value=HERE.ip)
    gone = accepted(mall.shop.risk.take_off_list(off))
    assert (gone.until, mall.shop.risk.take_off_list(off)) == (mall.clock.now(), gone)
    assert told(attempt(mall, 5)) == "allow"


def test_the_card_of_an_order_is_put_on_a_list_without_being_typed() -> None:
    mall = judging(a_rule(OnList("bad"), BLOCK))
    order = accepted(attempt(mall, 1, context=PaymentContext(card="fp-1")))
    accepted(on(mall, link=Link.CARD, value="", order_id=order.id))

    assert told(attempt(mall, 2, context=PaymentContext(card="fp-1", ip="other"))) == "payment_blocked"
    assert told(attempt(mall, 3, context=PaymentContext(card="fp-2"))) == "allow"


def test_an_allowed_buyer_passes_every_other_rule() -> None:
    mall = judging(a_rule(OnList("friends"), Verdict.ALLOW, "friends"), a_rule(AmountAbove(0), BLOCK))
    accepted(on(mall, "friends", link=Link.BUYER, value="ann"))
    assert told(attempt(mall, 1)) == "allow"


# Keys.


def test_a_new_key_finds_what_was_kept_under_the_old_one() -> None:
    rules = more_than(1), a_rule(OnList("bad"), BLOCK, "listed")
    mall = judging(*rules)
    assert told(attempt(mall, 1)) == "allow"
    accepted(on(mall, link=Link.DEVICE, value="d-9"))
    before = {id for id in trails(mall) if id.startswith("ip/")}
    mall.ways["risk"] = a_risk(*rules, keys=(NEW_KEY, KEY))
    mall.reopened()

    assert told(attempt(mall, 2)) == "payment_blocked"
    after = {id: it for id, it in trails(mall).items() if id.startswith("ip/")}
    assert (len(after), before & after.keys(), noted(mall, Link.IP)) == (1, set(), [("attempt", 4900), ("attempt", 4900), ("success", 4900)])
    assert told(attempt(mall, 3, context=PaymentContext(device="d-9"))) == "payment_blocked"
    accepted(mall.shop.risk.take_off_list(TakeOffList(key="off", by=CLERK, name="bad", link=Link.DEVICE, value="d-9")))
    assert told(attempt(mall, 4, context=PaymentContext(device="d-9"))) == "allow"


# Engines.


class Engine:
    """It says what it is told to say, and remembers what it was asked."""

    api_version = 1

    def __init__(self, *answers: Any, name: str = "minfraud") -> None:
        self.name, self.answers, self.asked = name, list(answers), []  # type: ignore[var-annotated]

    def score(self, request: RiskRequest, *, deadline: timedelta) -> int:
        self.asked.append((request, deadline))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]


def asking(*answers: Any, if_unscored: IfUnscored = IfUnscored.PASS) -> tuple[Mall, Engine]:
    engine = Engine(*answers)
    asked = AskedEngine(engine=engine, deadline=timedelta(seconds=1), if_unscored=if_unscored)
    return judging(a_rule(ScoreAbove("minfraud", 70), BLOCK, "scored"), engines=(asked,)), engine


def test_what_an_engine_says_is_weighed_by_a_rule_and_stands_in_the_decision() -> None:
    mall, engine = asking(71, 70)
    assert told(attempt(mall, 1)) == "payment_blocked"
    order = accepted(attempt(mall, 2))

    assert [(it.scores, it.silent) for it in assessed(mall, order.id)] == [((("minfraud", 70),), ())]
    request, deadline = engine.asked[1]
    assert (request.key, request.amount, request.context, deadline) == (f"{order.id}/p1", Money(4900, "EUR"), HERE, timedelta(seconds=1))
    assert HERE.ip not in repr(request)


def test_a_repeat_asks_no_engine_again() -> None:
    mall, engine = asking(71)
    order = placed(mall.shop)
    assert [told(pay(mall.shop, order)) for _ in range(3)] == ["payment_blocked"] * 3
    assert len(engine.asked) == 1


SILENCES = [
    (NotSent("no line"), "not_sent"),
    (Throttled("slowly"), "throttled"),
    (Indeterminate("no answer"), "no_answer"),
    (Misconfigured("who?"), "misconfigured"),
    ("70", "wrong_answer"),
    (True, "wrong_answer"),
    (2**63, "wrong_answer"),
]


@pytest.mark.parametrize(("silence", "why"), SILENCES, ids=[f"{why}-{number}" for number, (_, why) in enumerate(SILENCES)])
def test_a_silent_engine_lets_pass_or_is_a_reason_to_look_or_to_wait_as_was_said_before(silence: Any, why: str) -> None:
    mall, _ = asking(silence)
    order = accepted(attempt(mall, 1))
    assert [(it.follows, it.unknown, it.silent) for it in assessed(mall, order.id)] == [(Verdict.ALLOW, ("scored",), (("minfraud", why),))]

    mall, _ = asking(silence, if_unscored=IfUnscored.REVIEW)
    order = accepted(attempt(mall, 1))
    assert [(it.verdict, it.follows) for it in assessed(mall, order.id)] == [(Verdict.ALLOW, Verdict.REVIEW)]
    assert [hold.id for hold in order.holds] == ["risk_p1"]

    mall, _ = asking(silence, 10, if_unscored=IfUnscored.REFUSE)
    order = placed(mall.shop)
    assert (told(pay(mall.shop, order)), trails(mall), assessed(mall, order.id)) == ("payment_unjudged", {}, ())
    assert told(pay(mall.shop, order)) == "allow"


# What a shop is given.


def test_a_shop_without_rules_keeps_nothing_of_a_payment() -> None:
    mall = Mall(judging().storage)
    order = accepted(attempt(mall, 1))
    assert (trails(mall), mall.storage.load(OrderLinks, order.id), order.payments[0].judged) == ({}, None, None)


def test_a_currency_without_a_policy_is_never_let_through_unjudged() -> None:
    mall = judging()
    mall.ways["risk"] = Risk(policies={"USD": RiskPolicy(rules=())}, keys=(KEY,))
    mall.reopened()
    with pytest.raises(InvalidValue, match="judges payments in USD, got one in EUR"):
        attempt(mall, 1)


def test_a_gateway_of_the_shops_own_may_be_left_unjudged() -> None:
    mall = judging(a_rule(AmountAbove(0), BLOCK))
    mall.ways["risk"] = a_risk(a_rule(AmountAbove(0), BLOCK), unjudged={"fake"})
    mall.reopened()
    order = accepted(attempt(mall, 1))
    assert (order.paid, order.payments[0].judged, assessed(mall, order.id)) == (4900, None, ())


EMPTY = RiskPolicy(rules=())


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"policies": {}}, "a policy for each currency"),
        ({"policies": {"EUR": "rules"}}, "expected a RiskPolicy for EUR"),
        ({"policies": {"XXQ": EMPTY}}, "XXQ"),
        ({"policies": EMPTY}, "expected policies by currency"),
        ({"policies": {"EUR": EMPTY}, "keys": (b"short",)}, "at least 16 bytes"),
        ({"policies": {"EUR": EMPTY}, "unjudged": "points"}, "names of gateways"),
        ({"policies": {"EUR": EMPTY}, "engines": (AskedEngine(engine=Engine()), AskedEngine(engine=Engine()))}, "a name of its own"),
    ],
)
def test_wrong_ways_to_judge_are_told_when_they_are_made(facts: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        Risk(**facts)


@pytest.mark.parametrize(
    ("engine", "match"),
    [(Engine(name="Min Fraud"), "the name of a risk engine"), (Engine, "must be a risk engine"), (object(), "must be a risk engine")],
    ids=["name", "class", "object"],
)
def test_what_is_no_engine_is_told(engine: Any, match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        AskedEngine(engine=engine)
    with pytest.raises(InvalidValue, match="above zero"):
        AskedEngine(engine=Engine(), deadline=timedelta(0))


def test_a_shop_needs_a_key_for_links_or_a_vault() -> None:
    storage = judging().storage
    with pytest.raises(InvalidValue, match="keyed hashes alone"):
        Shop(storage, risk=Risk(policies={"EUR": EMPTY}))
    with pytest.raises(InvalidValue, match="expected risk as a Risk"):
        Shop(storage, risk=EMPTY)  # type: ignore[arg-type]


def test_the_key_stands_in_no_repr() -> None:
    assert "0123456789abcdef" not in repr(a_risk()) + repr(judging().shop)
