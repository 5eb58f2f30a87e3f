"""Kept money at a mall, for the tests of all flows: what commands about it are made of, what crashes, what is wrong, and what the store must say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import Cart, CartLine, Money, Order, PlaceOrder, Product, PutProduct, accepted, customer, flows
from shopwright.credit.account import CreditAccount, CreditState, total
from shopwright.credit.books import Book, CreditPosted, balances
from shopwright.credit.payments import CreditPayment
from shopwright.credit.programs import CreditTerms, GiftCards, StoreCredit
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.credit import commands as k
from shopwright.flows.credit.cards import id_of
from shopwright.flows.credit.saving import guard_key
from shopwright.loyalty.expiry import ExpiresAfter
from shopwright.payments.payment import Tender
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Query, Storage
from shopwright.pricing.facts import NoShipping
from shopwright.promotions.code_attempts import Attempts
from shopwright.wire.credit_kinds import CREDIT
from tests.flows.mall import CLERK, START, Mall, an_order, paid

DAY = timedelta(days=1)
TEN = Money(1_000, "EUR")


class FewAttempts:
    """Three wrong codes in an hour, for each subject."""

    def __init__(self) -> None:
        self.known: dict[str, Attempts] = {}

    def allow(self, subject: str, *, at: Any) -> bool:
        """Whether this subject may try a code now."""
        return self.known.get(subject, Attempts(limit=3)).allows(at)

    def failed(self, subject: str, *, at: Any) -> None:
        """Take note of a wrong code."""
        self.known[subject] = self.known.get(subject, Attempts(limit=3)).after(at)


STORE = StoreCredit(currencies=("EUR",), expires=ExpiresAfter("UTC", days=30), hold_for=7 * DAY)
CARDS = GiftCards(currencies=("EUR",), key=bytes(range(32)), goods=("GIFT",), most=100_000)
CREDITED: dict[str, Any] = {"credit": CreditTerms(store=STORE, cards=CARDS)}
"""A shop that keeps store credit for a month, and sells gift cards."""

ANNS, CARD = "store_credit/EUR/ann", id_of(CARDS, "c1")

_ABOUT: dict[str, Any] = {"source": "o1", "reason": "as promised"}

CREDIT_PARTS: dict[type[Command], dict[str, Any]] = {
    k.GrantCredit: {**_ABOUT, "member_id": "ann", "amount": TEN, "expires_at": START + 9 * DAY},
    k.TakeOutCredit: {**_ABOUT, "account_id": ANNS, "amount": Money(300, "EUR")},
    k.IssueCard: {**_ABOUT, "serial": "c1", "amount": TEN, "expires_at": START + 9 * DAY},
    k.ActivateCard: {**_ABOUT, "card_id": CARD},
    k.TopUpCard: {**_ABOUT, "card_id": CARD, "amount": Money(500, "EUR")},
    k.VoidCard: {**_ABOUT, "card_id": CARD},
    k.RefundAsCredit: {"payment_id": "p1", "amount": Money(900, "EUR"), "reference": "chosen"},
}
"""What a good command of each kind has, beside its key and who asks."""

VERBS: dict[type[Command], str] = {
    k.GrantCredit: "grant",
    k.TakeOutCredit: "take_out",
    k.IssueCard: "issue",
    k.ActivateCard: "activate",
    k.TopUpCard: "top_up",
    k.VoidCard: "void",
    k.RefundAsCredit: "refund",
}


def send(mall: Mall, kind: type[Command], key: str, **facts: Any) -> Any:
    """A good command of this kind, but for these facts, at the desk of kept money."""
    return getattr(mall.shop.credit, VERBS[kind])(kind(**{"key": key, "by": CLERK, **CREDIT_PARTS[kind], **facts}))


def a_mall(storage: Storage, **ways: Any) -> Mall:
    """A mall that keeps money."""
    return Mall(storage, ways={**CREDITED, **ways})


def granted(mall: Mall) -> None:
    """Ann has ten euros, for nine days."""
    accepted(send(mall, k.GrantCredit, "granted"))


def issued(mall: Mall, **facts: Any) -> str:
    """A card of ten euros; its code."""
    return str(accepted(send(mall, k.IssueCard, "issued", **facts)).code)


def code(mall: Mall) -> str:
    """The code of the card, made anew."""
    return str(accepted(mall.shop.credit.card(CARD)).code)


def of_both(*, key: str = "o1", credit: int = 600, capture: bool = True) -> PlaceOrder:
    """An order of 49.00, so much of which is paid with store credit."""
    kept = Tender(method="store_credit", amount=credit, gateway="store_credit", capture=capture)
    card = Tender(method="card", amount=4_900 - credit, gateway="fake", source="tok_ok", capture=capture)
    return evolve(an_order(key=key), tenders=(kept, card))


def card_tender(mall: Mall, code: str, amount: int, **facts: Any) -> Tender:
    """A tender that pays so much with a card."""
    return accepted(mall.shop.credit.card_tender(code, Money(amount, "EUR"), **{"buyer_id": "ann", "subject": "ann", **facts}))


def _waiting(mall: Mall) -> None:
    issued(mall, wait=True)


def put_gift(mall: Mall) -> None:
    """Gift cards of ten euros are on sale."""
    gift = Product(sku="GIFT", title="Gift card", seller_id="house", prices=(TEN,), tracked=False, ships=False)
    accepted(mall.shop.goods.put(PutProduct(key="put-GIFT", by=CLERK, product=gift)))


def some_cards(units: int = 2, *, key: str = "cards", **facts: Any) -> PlaceOrder:
    """An order of gift cards."""
    card = Tender(method="card", amount=1_000 * units, gateway="fake", source="tok_ok")
    cart = Cart("EUR", (CartLine("GIFT", units),))
    return evolve(an_order(key=key), cart=cart, shipping=NoShipping(), **{"tenders": (card,), **facts})


def _cards_paid(mall: Mall) -> None:
    put_gift(mall)
    paid(mall.shop, some_cards())


def _lapsed(mall: Mall) -> None:
    granted(mall)
    issued(mall)
    accepted(send(mall, k.GrantCredit, "more", member_id="bob", expires_at=None))
    mall.clock.advance(10 * DAY)


def _paid_of_both(mall: Mall) -> Order:
    granted(mall)
    return paid(mall.shop, of_both())


def _sent(kind: type[Command], **facts: Any) -> Callable[[Mall, Any], Any]:
    return lambda mall, _: send(mall, kind, "deed", **facts)


CREDIT_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("grant credit", flows.grant_credit, lambda mall: None, _sent(k.GrantCredit)),
    ("take credit out", flows.take_out_credit, granted, _sent(k.TakeOutCredit)),
    ("issue a card", flows.issue_card, lambda mall: None, _sent(k.IssueCard)),
    ("activate a card", flows.activate_card, _waiting, _sent(k.ActivateCard)),
    ("top a card up", flows.top_up_card, issued, _sent(k.TopUpCard)),
    ("void a card", flows.void_card, issued, _sent(k.VoidCard)),
    ("follow cards", flows.follow_cards, _cards_paid, lambda mall, _: mall.shop.credit.follow_cards()),
    ("expire credit", flows.expire_credit, _lapsed, lambda mall, _: mall.shop.credit.expire()),
    (
        "refund as credit",
        flows.refund_as_credit,
        _paid_of_both,
        lambda mall, order: send(mall, k.RefundAsCredit, "deed", order_id=order.id, payment_id="p2"),
    ),
    (
        "pay with credit",
        flows.pay,
        lambda mall: (granted(mall), accepted(mall.shop.orders.place(of_both(capture=False))))[1],
        lambda mall, order: mall.shop.payments.pay(flows.paying.PayOrder(key="pay", by=customer("ann"), order_id=order.id)),
    ),
)
"""For every flow of kept money: what came before, and the deed that crashes and is sent again."""


def check_credit(storage: Storage) -> dict[str, CreditAccount]:
    """The books of all accounts: debits equal credits, documents and guards say what the postings say, and nothing is below zero."""
    accounts = {stored.value.id: stored.value for stored in storage.find(Query(CreditAccount, limit=1_000)).items}
    every: list[CreditPosted] = []
    for id, account in accounts.items():
        told = [recorded.value for recorded in storage.read(CREDIT, after=BEGINNING, key=id, limit=1_000)]
        books, every = balances(told), [*every, *told]
        held = sum([hold.amount for hold in account.holds])
        assert (len(told), -books.get(Book.FREE, 0), -books.get(Book.HELD, 0)) == (account.entry_count, account.free, held)
        guard = storage.quota((guard_key(id),), at=START)[guard_key(id)]
        assert (guard.granted, guard.used, guard.held) == (account.granted, account.used, 0)  # CREDIT-8
        assert (account.granted - account.used, account.used >= held) == (account.free, True)  # CREDIT-2
    assert sum(balances(every).values()) == 0  # CREDIT-1
    spent, paid_with = -balances(every).get(Book.SPENT, 0), _payments(storage)
    assert spent == sum([it.captured - it.refunded for it in paid_with])
    assert all(total(it.lots) == it.refundable for it in paid_with)
    return accounts


def _payments(storage: Storage) -> list[CreditPayment]:
    return [stored.value for stored in storage.find(Query(CreditPayment, limit=1_000)).items]


def credit_of(mall: Mall) -> dict[str, Any]:
    """All that is kept of kept money, held against the entries; without the names that chance gave payments."""
    accounts = check_credit(mall.storage)
    shown = {id: (it.state, it.lots, [hold.amount for hold in it.holds], it.granted, it.used, it.entry_count) for id, it in accounts.items()}
    return {"accounts": shown, "payments": sorted((it.captured, it.voided, it.refunded, it.declined) for it in _payments(mall.storage))}


_BOB = customer("bob")


def _asked(verb: str, *args: Any, **facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: getattr(mall.shop.credit, verb)(*args, **facts)


def _case(name: str, kind: type[Command], expected: type[Exception] | str, match: str | None = None, **facts: Any) -> tuple[Any, ...]:
    return name, lambda mall: send(mall, kind, "deed", **facts), expected, match


def _about_an_account(verb: str, *args: Any) -> list[tuple[Any, ...]]:
    return [
        ("nothing for an id", _asked(verb, None, *args), InvalidValue, "must be text"),
        ("an account that is not there", _asked(verb, ANNS, *args), "credit_unknown"),
        ("nobody asks", _asked(verb, ANNS, *args, by=None), InvalidValue, "customer", granted),
        ("somebody else asks", _asked(verb, ANNS, *args, by=_BOB), "credit_unknown", None, granted),
        ("a customer asks for a card", _asked(verb, CARD, *args, by=_BOB), "credit_unknown", None, issued),
    ]


def _keepers(kind: type[Command]) -> tuple[Any, ...]:
    return _case("a customer", kind, InvalidValue, "for staff and the shop itself", by=_BOB)


def _of_card(kind: type[Command]) -> list[tuple[Any, ...]]:
    return [
        _keepers(kind),
        _case("no such card", kind, "card_unknown"),
        (
            "store credit",
            lambda mall: send(mall, kind, "deed", card_id=ANNS),
            "card_unknown",
            None,
            granted,
        ),
    ]


def _void(mall: Mall) -> None:
    issued(mall)
    accepted(send(mall, k.VoidCard, "voided"))


def _refund(mall: Mall, **facts: Any) -> Any:
    return send(mall, k.RefundAsCredit, "deed", order_id=mall.orders()[0].id, **facts)


_FIVE_DOLLARS = Money(500, "USD")
_WRONG = "GIFT-2222-2222-2222-2222-2"

CREDIT_CASES: dict[str, list[tuple[Any, ...]]] = {
    "credit.account": _about_an_account("account"),
    "credit.entries": [*_about_an_account("entries"), ("no limit", _asked("entries", ANNS, limit=0), InvalidValue, "limit", granted)],
    "credit.accounts_of": [
        ("nobody", _asked("accounts_of", ""), InvalidValue, "1 to 200 characters"),
        ("nobody asks", _asked("accounts_of", "ann", by=None), InvalidValue, "customer"),
        ("somebody else asks", _asked("accounts_of", "ann", by=_BOB), "credit_unknown"),
    ],
    "credit.balance": [
        ("nobody", _asked("balance", "", "EUR"), InvalidValue, "the member of a credit account"),
        ("nobody asks", _asked("balance", "ann", "EUR", by=None), InvalidValue, "customer"),
        ("somebody else asks", _asked("balance", "ann", "EUR", by=_BOB), "credit_unknown"),
        ("in another currency", _asked("balance", "ann", "USD"), "credit_currency"),
    ],
    "credit.liability": [("a time without a zone", _asked("liability", as_of=START.replace(tzinfo=None)), InvalidValue, "at must be")],
    "credit.find_card": [
        ("nothing typed", _asked("find_card", None, subject="ann"), InvalidValue, "must be text"),
        ("nobody tries", _asked("find_card", _WRONG, subject=""), InvalidValue, "subject"),
        ("a typing mistake", _asked("find_card", "GIFT-1", subject="ann"), "card_mistyped"),
        ("a card that nobody has", _asked("find_card", "GIFT-2222-2222-2222-2222-2", subject="ann"), "card_unknown"),
    ],
    "credit.card_tender": [
        ("a card that nobody has", _asked("card_tender", _WRONG, TEN, buyer_id="ann", subject="ann"), "card_unknown"),
        ("nobody buys", lambda mall: card_tender(mall, code(mall), 5, buyer_id=""), InvalidValue, "buyer", issued),
        ("nothing", lambda mall: card_tender(mall, code(mall), 0), InvalidValue, "above zero", issued),
    ],
    "credit.card": [
        ("no such card", _asked("card", CARD), "card_unknown"),
        ("a customer asks", _asked("card", CARD, by=_BOB), "card_unknown", None, issued),
        ("nobody asks", _asked("card", CARD, by=None), InvalidValue, "customer"),
    ],
    "credit.grant": [
        _keepers(k.GrantCredit),
        _case("in another currency", k.GrantCredit, "credit_currency", amount=_FIVE_DOLLARS),
        _case("nothing", k.GrantCredit, InvalidValue, "must be positive", amount=Money(0, "EUR")),
        _case("money that has lapsed", k.GrantCredit, InvalidValue, "can be spent after", expires_at=START),
    ],
    "credit.take_out": [
        _keepers(k.TakeOutCredit),
        _case("no such account", k.TakeOutCredit, "credit_unknown"),
        ("too much", lambda mall: send(mall, k.TakeOutCredit, "deed", amount=Money(1_001, "EUR")), "credit_short", None, granted),
        ("in another currency", lambda mall: send(mall, k.TakeOutCredit, "deed", amount=_FIVE_DOLLARS), "credit_currency", None, granted),
    ],
    "credit.issue": [
        _keepers(k.IssueCard),
        _case("in another currency", k.IssueCard, "credit_currency", amount=_FIVE_DOLLARS),
        _case("more than a card may be worth", k.IssueCard, "card_above_most", amount=Money(100_001, "EUR")),
        ("a serial that another card has", lambda mall: send(mall, k.IssueCard, "deed"), "card_exists", None, issued),
    ],
    "credit.activate": [
        *_of_card(k.ActivateCard),
        ("a void card", lambda mall: send(mall, k.ActivateCard, "deed"), "credit_void", None, _void),
    ],
    "credit.top_up": [
        *_of_card(k.TopUpCard),
        ("a card that waits", lambda mall: send(mall, k.TopUpCard, "deed"), "credit_waiting", None, _waiting),
        ("a void card", lambda mall: send(mall, k.TopUpCard, "deed"), "credit_void", None, _void),
        ("too much", lambda mall: send(mall, k.TopUpCard, "deed", amount=Money(99_001, "EUR")), "card_above_most", None, issued),
        ("in another currency", lambda mall: send(mall, k.TopUpCard, "deed", amount=_FIVE_DOLLARS), "credit_currency", None, issued),
    ],
    "credit.void": _of_card(k.VoidCard),
    "credit.refund": [
        ("confirmed: too much", lambda mall: _refund(mall, amount=Money(4_901, "EUR")), "refund_above_paid"),
        ("confirmed: no such payment", lambda mall: _refund(mall, payment_id="p7"), "payment_unknown"),
        ("confirmed: in another currency", lambda mall: _refund(mall, amount=_FIVE_DOLLARS), "payment_currency"),
        ("of what came from store credit", _refund, "credit_refund_origin", None, _paid_of_both),
    ],
    "credit.cards_in": [
        ("no such order", _asked("cards_in", "0" * 26), "order_not_found"),
        ("nobody asks", _asked("cards_in", "x", by=None), InvalidValue, "customer"),
        ("somebody else asks", lambda mall: mall.shop.credit.cards_in(mall.orders()[0].id, by=_BOB), "order_not_found"),
    ],
    "credit.follow_cards": [("no limit", _asked("follow_cards", limit=0), InvalidValue, "limit")],
    "credit.expire": [("no limit", _asked("expire", limit=0), InvalidValue, "limit")],
}
"""What is wrong for one verb alone."""


def is_void(account: CreditAccount) -> bool:
    """Whether nothing goes out of an account any more."""
    return account.state is CreditState.VOID
