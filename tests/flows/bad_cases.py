"""What is wrong for one verb alone: for every public verb of a shop at least one bad case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from shopwright import Cart, CartLine, Coupon, FlatShipping, Money, Order, OrderNumbers, Product, PutCoupon, ReceiveStock, Shop, Tender, customer
from shopwright.errors import IllegalTransition, InvalidValue, KeyConflict, UnknownIndex, VaultMissing
from shopwright.flows import commands as c
from shopwright.flows.banking import AssignTransfer
from shopwright.flows.commands import Command, OrderCommand
from shopwright.flows.disputing import AnswerDispute
from shopwright.flows.growth import commands as g
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.finding import OrderFilter
from shopwright.payments.errors import BadNotification
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.notifications import RawNotification
from shopwright.ports.search import SearchQuery
from shopwright.ports.storage import Match, Query, Where
from shopwright.pricing.facts import ShippingPerLine
from tests.flows.bad_case import Bad
from tests.flows.bad_members import MEMBER_CASES
from tests.flows.carted import CART_CASES
from tests.flows.cased import CASE_CASES
from tests.flows.cataloged import CATALOG_CASES
from tests.flows.counted import COUNT_CASES
from tests.flows.credited import CREDIT_CASES
from tests.flows.disputes import a_disputed_order, an_answered_dispute, answered_again, answered_late
from tests.flows.earned import EARNED_CASES
from tests.flows.edited import EDIT_CASES
from tests.flows.excepted import EXCEPTION_CASES
from tests.flows.found import FINDING_CASES
from tests.flows.given_back import REFUND_CASES
from tests.flows.labeled import LABEL_CASES
from tests.flows.mall import ANN, CLERK, START, Mall, an_order
from tests.flows.pointed import POINTS_CASES
from tests.flows.risk.scenes import RISK_CASES
from tests.flows.stocked import STOCK_CASES
from tests.flows.subscribed import SUBSCRIPTION_CASES
from tests.flows.tagged import TAG_CASES
from tests.flows.upkept import UPKEEP_CASES
from tests.flows.verbs import COMMANDED, a_command
from tests.flows.viewed import VIEW_CASES

LARGEST = 2**63 - 1
TOMORROW = START + timedelta(days=1)
EUR = "EUR"


def bad_place(name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    return Bad(name, lambda mall: mall.shop.orders.place(evolve(an_order(), **facts)), expected, match)


def bad_quote(name: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    return Bad(name, lambda mall: mall.shop.orders.quote(evolve(an_order(), **facts)), expected, match)


def cart(*lines: CartLine, currency: str = EUR, coupon: str = "") -> Cart:
    return Cart(currency, lines, coupon_code=coupon)


def card(amount: int, **facts: Any) -> Tender:
    return Tender(**{"method": "card", "amount": amount, "gateway": "fake", "source": "tok_ok", **facts})


def about(kind: type[OrderCommand], stage: str, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    """A command with these facts, to an order at this stage."""
    verb = next(verb for verb in COMMANDED if verb.command is kind)

    def act(mall: Mall) -> Any:
        (order,) = mall.orders()
        return verb.of(mall.shop)(evolve(a_command(kind, order_id=order.id), **facts))

    named = ", ".join(f"{name}={value!r}" for name, value in facts.items())[:60]
    return Bad(f"{stage}: {named or 'as it is'}", act, expected, match)


def a_notification(body: bytes = b"{}") -> RawNotification:
    return RawNotification(headers=(("signature", "x"),), body=body, received_at=START)


def _payouts(mall: Mall, gateway: str = "fake", received: Any = (), **facts: Any) -> Any:
    return mall.shop.payments.reconcile_payouts(gateway, START, TOMORROW, received, **facts)


CARTS = [
    ("an empty cart", {"cart": cart()}, "cart_empty"),
    ("501 lines", {"cart": cart(*[CartLine("TEA")] * 501)}, "cart_too_large"),
    ("a thousand codes", {"cart": Cart(EUR, (CartLine("TEA"),), codes=tuple(f"C{n}" for n in range(1_000)))}, "codes_too_many"),
    ("100,000 unknown skus", {"cart": cart(*(CartLine(f"S{n}") for n in range(100_000)))}, "cart_too_large"),
    ("no units", {"cart": cart(CartLine("TEA", 0))}, "quantity_invalid"),
    ("fewer than no units", {"cart": cart(CartLine("TEA", -1))}, "quantity_invalid"),
    ("more units than can be counted", {"cart": cart(CartLine("TEA", LARGEST))}, "quantity_invalid"),
    ("an unknown sku", {"cart": cart(CartLine("NONE"))}, "sku_unknown"),
    ("a sku in another case", {"cart": cart(CartLine("tea"))}, "sku_unknown"),
    ("a currency without a price", {"cart": cart(CartLine("TEA"), currency="JPY")}, "price_missing"),
    ("a price shown in another currency", {"cart": cart(CartLine("TEA", shown_price=Money(1000, "USD")))}, "currency_mixed"),
    ("a price that was another", {"cart": cart(CartLine("TEA", shown_price=Money(999, EUR)))}, "price_changed"),
    ("an unknown coupon", {"cart": cart(CartLine("TEA"), coupon="NONE")}, "coupon_unknown"),
    ("shipping that leaves 64 bits", {"shipping": FlatShipping("post", LARGEST)}, "amount_too_large"),
]

CASES: dict[str, list[Bad]] = {
    "orders.why_not": [
        Bad(name, lambda mall, facts=facts: mall.shop.orders.why_not(evolve(an_order(), **facts)), code)  # type: ignore[misc]  # binds the facts
        for name, facts, code in CARTS
        if code not in {"coupon_unknown", "amount_too_large"}  # those say nothing about promotions
    ],
    "orders.quote": [
        *(bad_quote(name, code, **facts) for name, facts, code in CARTS),
        bad_quote("shipping for other lines", InvalidValue, "a shipping amount for each", shipping=ShippingPerLine("post", (1,))),
    ],
    "orders.place": [
        *(bad_place(name, code, **facts) for name, facts, code in CARTS),
        bad_place("shipping for other lines", InvalidValue, "a shipping amount for each", shipping=ShippingPerLine("post", (1,))),
        bad_place("more than there is", "stock_exhausted", cart=cart(CartLine("TEA", 11)), exact_tenders=False),
        bad_place("less money than it costs", "tenders_mismatch", tenders=(card(4899),)),
        bad_place("more money than it costs", "tenders_mismatch", tenders=(card(4899), card(2))),
        bad_place("no money", "tenders_mismatch", tenders=()),
        bad_place("money beyond 64 bits", InvalidValue, "64 bits", tenders=(card(LARGEST), card(LARGEST)), exact_tenders=False),
        bad_place("too many tenders", InvalidValue, "at most 99 tenders", tenders=(card(0),) * 100, exact_tenders=False),
        bad_place("no such gateway", InvalidValue, "no gateway is named 'other'; this shop has fake", tenders=(card(4900, gateway="other"),)),
        Bad("before ids begin", lambda mall: mall.shop.orders.place(an_order(), at=datetime(1969, 12, 31, tzinfo=UTC)), InvalidValue, "1970"),
    ],
    "orders.get": [
        Bad("nothing", lambda mall: mall.shop.orders.get(None), InvalidValue, "must be text"),
        Bad("no text", lambda mall: mall.shop.orders.get(""), InvalidValue, "1 to 200 characters"),
        Bad("too long", lambda mall: mall.shop.orders.get("x" * 201), InvalidValue, "1 to 200 characters"),
        Bad("a lone surrogate", lambda mall: mall.shop.orders.get("\ud800"), InvalidValue, "lone surrogate"),
        Bad("nobody asks", lambda mall: mall.shop.orders.get("x", by=None), InvalidValue, "customer"),
        Bad("a name asks", lambda mall: mall.shop.orders.get(mall.orders()[0].id, by="ann"), InvalidValue, "customer"),
        Bad("an unknown id", lambda mall: mall.shop.orders.get("0" * 26), "order_not_found"),
    ],
    "orders.address": [
        Bad("nothing", lambda mall: mall.shop.orders.address(None), InvalidValue, "must be text"),
        Bad("nobody asks", lambda mall: mall.shop.orders.address(mall.orders()[0].id, by=None), InvalidValue, "customer"),
        Bad("somebody else asks", lambda mall: mall.shop.orders.address(mall.orders()[0].id, by=customer("bob")), "order_not_found"),
    ],
    "orders.timeline": [
        Bad("nothing", lambda mall: mall.shop.orders.timeline(None), InvalidValue, "must be text"),
        Bad("nobody asks", lambda mall: mall.shop.orders.timeline(mall.orders()[0].id, by=None), InvalidValue, "customer"),
        Bad("somebody else asks", lambda mall: mall.shop.orders.timeline(mall.orders()[0].id, by=customer("bob")), "order_not_found"),
        Bad("no moments", lambda mall: mall.shop.orders.timeline(mall.orders()[0].id, limit=0), InvalidValue, "from 1 to 500"),
    ],
    "orders.notes": [
        Bad("nothing", lambda mall: mall.shop.orders.notes(None), InvalidValue, "must be text"),
        Bad("nobody asks", lambda mall: mall.shop.orders.notes(mall.orders()[0].id, by=None), InvalidValue, "customer"),
        Bad("somebody else asks", lambda mall: mall.shop.orders.notes(mall.orders()[0].id, by=customer("bob")), "order_not_found"),
    ],
    "orders.numbered": [
        Bad("nothing", lambda mall: mall.shop.orders.numbered(None), InvalidValue),
        Bad("no number", lambda mall: mall.shop.orders.numbered("hello"), InvalidValue),
        Bad("no text", lambda mall: mall.shop.orders.numbered(""), InvalidValue),
        Bad("nobody has it", lambda mall: mall.shop.orders.numbered(_number()), "order_not_found"),
        Bad("nobody asks", lambda mall: mall.shop.orders.numbered(mall.orders()[0].number, by=None), InvalidValue, "customer"),
    ],
    "orders.export": [
        Bad("nothing", lambda mall: mall.shop.orders.export(None), InvalidValue, "expected an OrderFilter"),
        Bad("an unknown form", lambda mall: mall.shop.orders.export(OrderFilter(), form="xlsx"), InvalidValue, "RowForm"),
    ],
    "orders.find": [
        Bad("nothing", lambda mall: mall.shop.orders.find(None), InvalidValue, "expected a Query"),
        Bad("products", lambda mall: mall.shop.orders.find(Query(Product)), InvalidValue, "expected a Query"),
        Bad("an unknown index", lambda mall: mall.shop.orders.find(Query(Order, order_by="price")), UnknownIndex),
        Bad("an unknown condition", lambda mall: mall.shop.orders.find(Query(Order, where=(Where("price", Match.EQUAL, 1),))), UnknownIndex),
        Bad("a number where text is", lambda mall: mall.shop.orders.find(Query(Order, where=(Where("number", Match.EQUAL, 1),))), InvalidValue),
        Bad("no limit", lambda mall: mall.shop.orders.find(Query(Order, limit=0)), InvalidValue),
        Bad("no end", lambda mall: mall.shop.orders.find(Query(Order, limit=1_001)), InvalidValue),
        Bad("a page of nobody's", lambda mall: mall.shop.orders.find(Query(Order, after="xyz")), InvalidValue),
    ],
    "orders.history": [
        Bad("nothing", lambda mall: mall.shop.orders.history(None), InvalidValue, "must be text"),
        Bad("no text", lambda mall: mall.shop.orders.history(""), InvalidValue),
    ],
    "orders.confirm": [
        about(c.ConfirmOrder, "placed", "order_unpaid"),
        about(c.ConfirmOrder, "confirmed", IllegalTransition, "cannot confirm an order that is confirmed; allowed: cancel, complete"),
    ],
    "orders.reject": [about(c.RejectOrder, "delivered", "order_shipped"), about(c.RejectOrder, "completed", IllegalTransition)],
    "orders.send_back": [about(c.SendBackOrder, "placed", IllegalTransition, "that is placed; allowed: ")],
    "orders.correct": [about(c.CorrectOrder, "confirmed", IllegalTransition, "that is confirmed; allowed: ")],
    "orders.hold": [
        about(c.HoldOrder, "canceled", "order_closed"),
        about(c.HoldOrder, "placed", InvalidValue, "must expire after it is placed", expires_at=START),
    ],
    "orders.lift": [about(c.LiftHold, "placed", "order_hold_unknown", hold_id="h2")],
    "orders.note": [Bad("too long a code", lambda mall: evolve(a_command(c.NoteException), code="x" * 61), InvalidValue, "code")],
    "orders.complete": [about(c.CompleteOrder, "confirmed", "order_unfinished"), about(c.CompleteOrder, "completed", IllegalTransition)],
    "orders.cancel": [
        about(c.CancelOrder, "canceled", IllegalTransition, "cannot cancel an order that is canceled; allowed: nothing, it is final"),
        about(c.CancelOrder, "shipped", "order_shipped"),
    ],
    "orders.sweep": [
        Bad("no limit", lambda mall: mall.shop.orders.sweep(limit=0), InvalidValue, "limit"),
        Bad("a word for a limit", lambda mall: mall.shop.orders.sweep(limit="all"), InvalidValue, "limit"),
        Bad("progress to nobody", lambda mall: mall.shop.orders.sweep(progress="bar"), InvalidValue, "progress"),
    ],
    "payments.pay": [
        about(c.PayOrder, "confirmed", "nothing_due"),
        about(c.PayOrder, "canceled", "nothing_due"),
        Bad("the gateway is gone", lambda mall: _without_ports(mall).payments.pay(_first(c.PayOrder, mall)), InvalidValue, "no gateway is named"),
    ],
    "payments.record": [
        about(c.RecordPayment, "on delivery", "payment_unknown", payment_id="p2"),
        about(c.RecordPayment, "on delivery", "payment_currency", amount=Money(1, "USD")),
        about(c.RecordPayment, "on delivery", InvalidValue, "zero or more", amount=Money(-1, EUR)),
        about(c.RecordPayment, "placed", IllegalTransition, "cannot record a payment that is due; allowed: start"),
    ],
    "payments.add": [
        about(c.AddPayment, "declined", "payment_unknown", tenders=(card(4900),), replaces=("p9",)),
        about(c.AddPayment, "declined", "tenders_above_owed", tenders=(card(4901),), replaces=()),
        about(c.AddPayment, "declined", InvalidValue, "above zero", tenders=(card(0),), replaces=()),
        about(c.AddPayment, "confirmed", "payment_in_use"),
        about(c.AddPayment, "declined", InvalidValue, "no gateway is named 'other'", tenders=(card(4900, gateway="other"),), replaces=()),
    ],
    "payments.capture": [
        about(c.CapturePayment, "promised", "payment_unknown", payment_id="p2"),
        about(c.CapturePayment, "promised", "payment_currency", amount=Money(1, "JPY")),
        about(c.CapturePayment, "promised", InvalidValue, "expected 1 to 4900 minor units", amount=Money(0, EUR)),
        about(c.CapturePayment, "promised", InvalidValue, "expected 1 to 4900 minor units", amount=Money(-5, EUR)),
        about(c.CapturePayment, "promised", InvalidValue, "expected 1 to 4900 minor units", amount=Money(4901, EUR)),
        about(c.CapturePayment, "confirmed", IllegalTransition, "allowed: refund"),
    ],
    "payments.refund": [
        about(c.RefundOrder, "confirmed", "payment_currency", amount=Money(1, "KWD")),
        about(c.RefundOrder, "confirmed", InvalidValue, "1 or more", amount=Money(0, EUR)),
        about(c.RefundOrder, "confirmed", InvalidValue, "1 or more", amount=Money(-1, EUR)),
        about(c.RefundOrder, "confirmed", "refund_above_paid", amount=Money(4901, EUR)),
        about(c.RefundOrder, "confirmed", "refund_above_paid", amount=Money(LARGEST, EUR)),
        about(c.RefundOrder, "placed", "refund_above_paid"),
    ],
    **REFUND_CASES,
    **EXCEPTION_CASES,
    **TAG_CASES,
    **VIEW_CASES,
    **UPKEEP_CASES,
    **EDIT_CASES,
    "payments.repay": [
        about(c.RepayOrder, "confirmed", "payment_unknown", payment_id="p2"),
        about(c.RepayOrder, "confirmed", "payment_currency", amount=Money(1, "USD")),
        about(c.RepayOrder, "confirmed", InvalidValue, "1 or more", amount=Money(0, EUR)),
        about(c.RepayOrder, "confirmed", "refund_above_paid", amount=Money(4901, EUR)),
    ],
    "payments.refresh": [
        Bad("by another", lambda mall: mall.shop.payments.refresh(_first(c.RefreshPayments, mall, by=customer("bob"))), "order_not_found"),
    ],
    "payments.receive": [
        Bad("an unknown gateway", lambda mall: mall.shop.payments.receive("other", a_notification()), InvalidValue, "no gateway is named 'other'"),
        Bad("no gateway", lambda mall: mall.shop.payments.receive(None, a_notification()), InvalidValue, "no gateway is named None"),
        Bad("no notification", lambda mall: mall.shop.payments.receive("fake", None), InvalidValue, "RawNotification"),
        Bad("a body alone", lambda mall: mall.shop.payments.receive("fake", b"{}"), InvalidValue, "RawNotification"),
        Bad("a forged one", lambda mall: mall.shop.payments.receive("fake", a_notification()), BadNotification),
        Bad("an endless one", lambda mall: mall.shop.payments.receive("fake", a_notification(b"x" * 2_000_000)), BadNotification),
    ],
    "payments.answer_dispute": [
        about(AnswerDispute, "confirmed", "payment_unknown", payment_id="p2"),
        about(AnswerDispute, "confirmed", "dispute_unknown"),
        about(AnswerDispute, "confirmed", "order_not_found", by=ANN),
        Bad("an answer twice", answered_again, "dispute_not_answerable", before=an_answered_dispute),
        Bad("after its deadline", answered_late, "dispute_not_answerable", before=a_disputed_order),
        Bad("no evidence", lambda mall: Evidence({}), InvalidValue, "one text or more"),
        Bad("a card number", lambda mall: Evidence({EvidencePart.EXPLANATION: "4242 4242 4242 4242"}), InvalidValue, "number of a card"),
        Bad("a name of its own", lambda mall: Evidence({"why": "because"}), InvalidValue, "named by one of"),
    ],
    "payments.disputes": [
        Bad("no limit", lambda mall: mall.shop.payments.disputes(limit=0), InvalidValue, "limit"),
        Bad("no time", lambda mall: mall.shop.payments.disputes(until="soon"), InvalidValue),
        Bad("a time without a zone", lambda mall: mall.shop.payments.disputes(until=START.replace(tzinfo=None)), InvalidValue),
    ],
    "payments.reconcile": [
        Bad("an unknown gateway", lambda mall: mall.shop.payments.reconcile("other", START, TOMORROW), InvalidValue, "no gateway is named 'other'"),
        Bad("no time at all", lambda mall: mall.shop.payments.reconcile("fake", START, START), InvalidValue, "ends after it begins"),
        Bad("no time", lambda mall: mall.shop.payments.reconcile("fake", None, START), InvalidValue),
        Bad("no terms", lambda mall: mall.shop.payments.reconcile("fake", START, TOMORROW, terms=None), InvalidValue, "BooksTerms"),
        Bad("no progress", lambda mall: mall.shop.payments.reconcile("fake", START, TOMORROW, progress=1), InvalidValue, "to be a function"),
    ],
    "payments.reconcile_payouts": [
        Bad("an unknown gateway", lambda mall: _payouts(mall, "other"), InvalidValue, "no gateway is named 'other'"),
        Bad("no time at all", lambda mall: mall.shop.payments.reconcile_payouts("fake", START, START), InvalidValue, "ends after it begins"),
        Bad("no terms", lambda mall: _payouts(mall, terms=None), InvalidValue, "BooksTerms"),
        Bad("no progress", lambda mall: _payouts(mall, progress=1), InvalidValue, "to be a function"),
        Bad("a sum for a payout", lambda mall: _payouts(mall, received=[Money(1, EUR)]), InvalidValue, "as PayoutReceived, got Money"),
    ],
    "payments.match": [
        Bad("no account", lambda mall: mall.shop.payments.match("", [], by=CLERK), InvalidValue, "expected the account"),
        Bad("no line", lambda mall: mall.shop.payments.match("bank", ["line"], by=CLERK), InvalidValue, "lines of a statement, got str"),
        Bad("a customer", lambda mall: mall.shop.payments.match("bank", [], by=ANN), InvalidValue, "staff or the shop itself"),
        Bad("no method", lambda mall: mall.shop.payments.match("bank", [], by=CLERK, method=""), InvalidValue, "method of tenders"),
        Bad("no progress", lambda mall: mall.shop.payments.match("bank", [], by=CLERK, progress=1), InvalidValue, "to be a function"),
    ],
    "payments.assign": [
        Bad("an unknown transfer", lambda mall: mall.shop.payments.assign(a_command(AssignTransfer)), "transfer_not_found"),
        Bad("shares of nothing", lambda mall: evolve(a_command(AssignTransfer), shares=(("o", 0),)), InvalidValue, "above zero"),
        Bad("neither shares nor a word", lambda mall: evolve(a_command(AssignTransfer), shares=()), InvalidValue, "needs shares, or a note"),
    ],
    "payments.keep_loose": [
        Bad("less than nothing", lambda mall: evolve(a_command(c.KeepLooseMoney), amount=Money(-1, EUR)), InvalidValue, "zero or more"),
    ],
    "shipping.ship": [
        about(c.ShipOrder, "confirmed", InvalidValue, "no carrier is named 'other'; this shop has flat_rate", carrier="other"),
        about(c.ShipOrder, "confirmed", "units_not_open", units=((3, 1),)),
        about(c.ShipOrder, "confirmed", "units_not_open", units=((1, 3),)),
        about(c.ShipOrder, "confirmed", "units_not_open", units=((LARGEST, LARGEST),)),
        about(c.ShipOrder, "shipped", "units_not_open", units=(), carrier="", wanted=None),
        about(c.ShipOrder, "placed", IllegalTransition, "cannot ship an order that is placed; allowed: "),
    ],
    "shipping.unplan": [about(c.UnplanShipment, "shipped", IllegalTransition, "a shipment that is ")],
    "shipping.dispatch": [
        about(c.DispatchShipment, "shipped", IllegalTransition, "a shipment that is "),
        about(c.DispatchShipment, "planned", "shipment_unknown", shipment_id="s2"),
    ],
    "shipping.track": [about(c.TrackShipment, "shipped", "shipment_unknown", shipment_id="s2")],
    "shipping.deliver": [about(c.DeliverShipment, "planned", IllegalTransition, "a shipment that is planned; allowed: ")],
    "shipping.take_back": [about(c.TakeBackShipment, "planned", IllegalTransition, "a shipment that is planned; allowed: ")],
    "shipping.lose": [about(c.LoseShipment, "planned", IllegalTransition, "a shipment that is planned; allowed: ")],
    "shipping.labels": [
        Bad("nothing", lambda mall: mall.shop.shipping.labels(None, "s1"), InvalidValue, "must be text"),
        Bad("nobody asks", lambda mall: mall.shop.shipping.labels(mall.orders()[0].id, "s1", by=None), InvalidValue, "customer"),
        Bad("somebody else asks", lambda mall: mall.shop.shipping.labels(mall.orders()[0].id, "s1", by=customer("bob")), "order_not_found"),
        Bad("no such shipment", lambda mall: mall.shop.shipping.labels(mall.orders()[0].id, "s1"), "shipment_unknown"),
    ],
    "shipping.receive": [
        Bad("an unknown carrier", lambda mall: mall.shop.shipping.receive("other", a_notification()), InvalidValue, "no carrier is named 'other'"),
        Bad("no notification", lambda mall: mall.shop.shipping.receive("flat_rate", None), InvalidValue, "RawNotification"),
        Bad("a forged one", lambda mall: mall.shop.shipping.receive("flat_rate", a_notification()), BadNotification),
    ],
    "goods.put": [
        Bad("under a used key", lambda mall: mall.shop.goods.put(a_command(c.PutProduct, key="receive-TEA")), KeyConflict),
    ],
    "goods.receive": [
        Bad("none", lambda mall: _received(mall, 0), InvalidValue, "must not be zero"),
        Bad("fewer than there are", lambda mall: _received(mall, -11), "quota_exhausted"),
        Bad("more than 64 bits", lambda mall: _received(mall, LARGEST), InvalidValue, "64 bits"),
        Bad("a sku nobody had", lambda mall: _received(mall, -1, sku="NONE"), "quota_exhausted"),
    ],
    "goods.shelf": [
        Bad("one sku as text", lambda mall: mall.shop.goods.shelf("TEA", currency=EUR), InvalidValue),
        Bad("no text", lambda mall: mall.shop.goods.shelf([""], currency=EUR), InvalidValue),
        Bad("no such currency", lambda mall: mall.shop.goods.shelf(["TEA"], currency="XYZ"), InvalidValue),
    ],
    "goods.stock": [
        Bad("one text", lambda mall: mall.shop.goods.stock("TEA"), InvalidValue, "write \\('TEA',\\)"),
        Bad("nothing", lambda mall: mall.shop.goods.stock(None), InvalidValue, "collection of texts"),
        Bad("a number", lambda mall: mall.shop.goods.stock([7]), InvalidValue, "must be text"),
        Bad("no text", lambda mall: mall.shop.goods.stock([""]), InvalidValue, "1 to "),
        Bad("too long", lambda mall: mall.shop.goods.stock(["x" * 200]), InvalidValue, "1 to "),
    ],
    "goods.put_coupon": [
        Bad(
            "more uses than 64 bits",
            lambda mall: mall.shop.goods.put_coupon(PutCoupon(key="k", by=CLERK, coupon=Coupon("SPRING", percent=1), more_uses=LARGEST)),
            InvalidValue,
            "64 bits",
        ),
    ],
    "persons.erase": [
        Bad("somebody else asks", lambda mall: mall.shop.persons.erase(ErasePerson(key="k", by=customer("bob"), subject="ann")), "person_not_found"),
        Bad("nobody to erase", lambda mall: mall.shop.persons.erase(ErasePerson(key="k", by=CLERK, subject="")), InvalidValue, "1 to 200"),
    ],
    "persons.rotate": [
        Bad("without a vault", lambda mall: _without_ports(mall).persons.rotate(), VaultMissing, "give it one"),
        Bad("nobody to tell", lambda mall: mall.shop.persons.rotate(progress=7), InvalidValue, "expected progress to be a function"),
    ],
    "growth.check_in": [
        Bad("somebody else", lambda mall: mall.shop.growth.check_in(evolve(a_command(g.CheckIn), by=customer("bob"))), "member_unknown"),
        Bad("no member", lambda mall: mall.shop.growth.check_in(evolve(a_command(g.CheckIn), member_id="nobody")), "member_unknown"),
    ],
    "growth.open_referrals": [
        Bad("no member", lambda mall: mall.shop.growth.open_referrals(evolve(a_command(g.OpenReferrals), member_id="nobody")), "member_unknown"),
    ],
    "growth.redeem_referral": [
        Bad("a code of nobody", lambda mall: mall.shop.growth.redeem_referral(a_command(g.RedeemReferral)), "referral_code_unknown"),
        Bad("no code", lambda mall: mall.shop.growth.redeem_referral(evolve(a_command(g.RedeemReferral), code="")), InvalidValue, "code"),
    ],
    "growth.referral": [Bad("who came alone", lambda mall: mall.shop.growth.referral("ann"), "referral_unknown")],
    "growth.reject_referral": [
        Bad("who came alone", lambda mall: mall.shop.growth.reject_referral(a_command(g.RejectReferral)), "referral_unknown"),
    ],
    "growth.follow_referrals": [Bad("no limit", lambda mall: mall.shop.growth.follow_referrals(limit=0), InvalidValue, "limit")],
    "growth.sweep_referrals": [Bad("no limit", lambda mall: mall.shop.growth.sweep_referrals(limit=0), InvalidValue, "limit")],
    "growth.reward_review": [
        Bad("an order that is not there", lambda mall: mall.shop.growth.reward_review(a_command(g.RewardReview)), "order_not_found"),
        Bad("what has not arrived", lambda mall: mall.shop.growth.reward_review(_first_review(mall)), "review_not_bought"),
        Bad("a line that is not there", lambda mall: mall.shop.growth.reward_review(evolve(_first_review(mall), line_no=9)), "review_not_bought"),
    ],
    "growth.reward_birthday": [
        Bad("no birthday", lambda mall: mall.shop.growth.reward_birthday(evolve(a_command(g.RewardBirthday), member_id="bob")), "birthday_not_now"),
    ],
    "growth.reward_manually": [
        Bad("too many", lambda mall: mall.shop.growth.reward_manually(evolve(a_command(g.RewardManually), points=501)), "reward_above_limit"),
        Bad("no reason", lambda mall: mall.shop.growth.reward_manually(evolve(a_command(g.RewardManually), reason="")), InvalidValue, "reason"),
        Bad(
            "to oneself",
            lambda mall: mall.shop.growth.reward_manually(evolve(a_command(g.RewardManually), by=customer("ann"))),
            InvalidValue,
            "is for staff and the shop itself",
        ),
    ],
    "growth.take_back_reward": [
        Bad("what was not given", lambda mall: mall.shop.growth.take_back_reward(a_command(g.TakeBackReward)), "reward_unknown"),
    ],
    "growth.remind": [Bad("no limit", lambda mall: mall.shop.growth.remind(limit=0), InvalidValue, "limit")],
    "tiers.get": [Bad("no id", lambda mall: mall.shop.tiers.get(""), InvalidValue)],
    "tiers.history": [Bad("too long an id", lambda mall: mall.shop.tiers.history("x" * 300), InvalidValue)],
    "tiers.everyone": [Bad("no time", lambda mall: mall.shop.tiers.everyone(at="now"), InvalidValue, "at must be")],  # type: ignore[arg-type]
    "tiers.follow": [Bad("no limit", lambda mall: mall.shop.tiers.follow(limit=0), InvalidValue, "limit")],
    "tiers.sweep": [Bad("no limit", lambda mall: mall.shop.tiers.sweep(limit=0), InvalidValue, "limit")],
    "tiers.grant": [
        Bad("a tier that is over", lambda mall: mall.shop.tiers.grant(evolve(a_command(g.GrantTier), until=START)), "grant_over"),
        Bad("a tier that is not there", lambda mall: mall.shop.tiers.grant(evolve(a_command(g.GrantTier), tier="tin")), InvalidValue, "no tier tin"),
        Bad("no reason", lambda mall: mall.shop.tiers.grant(evolve(a_command(g.GrantTier), reason="")), InvalidValue, "reason"),
    ],
    "tiers.end_grants": [
        Bad("no reason", lambda mall: mall.shop.tiers.end_grants(evolve(a_command(g.EndTierGrants), reason="")), InvalidValue, "reason"),
    ],
    **MEMBER_CASES,
    **CATALOG_CASES,
    "search.find": [Bad("no index", lambda mall: mall.shop.search.find(SearchQuery()), InvalidValue, "no search index")],
    "search.suggest": [Bad("no index", lambda mall: mall.shop.search.suggest("tea"), InvalidValue, "no search index")],
    "search.follow": [Bad("no index", lambda mall: mall.shop.search.follow(), InvalidValue, "no search index")],
    "search.refresh": [Bad("no index", lambda mall: mall.shop.search.refresh(["pot"]), InvalidValue, "no search index")],
    "search.rebuild": [
        Bad("no index", lambda mall: mall.shop.search.rebuild(), InvalidValue, "no search index"),
        Bad("no progress", lambda mall: mall.shop.search.rebuild(progress=3), InvalidValue, "progress"),  # type: ignore[arg-type]
    ],
    "events.relay": [
        Bad("no consumer", lambda mall: mall.shop.events.relay("", print), InvalidValue, "consumer"),
        Bad("too long a name", lambda mall: mall.shop.events.relay("x" * 61, print), InvalidValue, "consumer"),
        Bad("nothing for a name", lambda mall: mall.shop.events.relay(None, print), InvalidValue, "consumer"),
        Bad("nobody to deliver to", lambda mall: mall.shop.events.relay("mailer", None), InvalidValue, "deliver"),
        Bad("no limit", lambda mall: mall.shop.events.relay("mailer", print, limit=0), InvalidValue, "limit"),
        Bad("too many at once", lambda mall: mall.shop.events.relay("mailer", print, limit=1_001), InvalidValue, "limit"),
    ],
    **RISK_CASES,
    **CASE_CASES,
    **LABEL_CASES,
    **{verb: [Bad(*case) for case in cases] for verb, cases in (POINTS_CASES | EARNED_CASES | STOCK_CASES | CART_CASES | CREDIT_CASES).items()},
    **COUNT_CASES,
    **SUBSCRIPTION_CASES,
    **FINDING_CASES,
}


def _number() -> str:
    """An order number that is right and that nobody has."""
    return OrderNumbers().make(at=START + timedelta(days=300), rng=lambda count: b"\7" * count)


def _first_review(mall: Mall) -> g.RewardReview:
    return evolve(a_command(g.RewardReview), order_id=mall.orders()[0].id)  # type: ignore[return-value]  # a command of this kind


def _first(kind: type[Command], mall: Mall, **facts: Any) -> Any:
    return evolve(a_command(kind, order_id=mall.orders()[0].id), **facts)


def _received(mall: Mall, quantity: int, sku: str = "TEA") -> Any:
    return mall.shop.goods.receive(ReceiveStock(key="k", by=CLERK, sku=sku, quantity=quantity))


def _without_ports(mall: Mall) -> Shop:
    """The same shop, opened without a gateway and a carrier."""
    return Shop(mall.storage, clock=mall.clock)
