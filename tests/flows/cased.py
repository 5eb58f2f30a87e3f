"""Cases at a mall, for the tests of all flows: what commands about them are made of, what crashes, what is wrong, and what the store must say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import DispatchShipment, Order, ShipOrder, accepted, customer, flows
from shopwright.errors import IllegalTransition, InvalidValue, UnknownIndex
from shopwright.flows.commands import Command, LoseShipment
from shopwright.flows.returns import commands as r
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Match, Query, Storage, Where
from shopwright.returns.case import Case
from shopwright.returns.evolve import fold
from shopwright.returns.order_cases import OrderCases
from shopwright.returns.rules import ReturnRule, ReturnTerms
from shopwright.returns.words import Condition, Disposition, Evidence, EvidenceKind, Finding, Granted, Outcome, Resolution, Why, Wish
from shopwright.wire.return_kinds import CASES
from tests.flows.bad_case import Bad
from tests.flows.credited import CREDITED
from tests.flows.given_back import come
from tests.flows.mall import ANN, CLERK, Mall, paid
from tests.flows.scenario import Scenario
from tests.flows.vaulted import VAULTED

DAY = timedelta(days=1)
BOB = customer("bob")
PHOTO = Evidence(kind=EvidenceKind.PHOTO, reference="photos/7.jpg")
TEA = Wish(line_no=1, units=1, why=Why.CHANGED_MIND)
SMALL = ReturnTerms(rules=(ReturnRule(name="small", approve_below=10_000, keep_below=2_000),))
"""Terms by which teas stay with the customer and nobody has to look at a case."""

CASE_PARTS: dict[type[Command], dict[str, Any]] = {
    r.ApplyForReturn: {"wishes": (evolve(TEA, evidence=(PHOTO,)),), "note": "too green for me"},
    r.AskForMore: {"note": "may we see it?"},
    r.AnswerCase: {"evidence": ((1, PHOTO),), "note": "here it is"},
    r.ApproveCase: {"granted": (Granted(no=1, resolution=Resolution.REFUND),)},
    r.RejectCase: {"why": "opened", "note": "the tin is empty"},
    r.WithdrawCase: {},
    r.SendReturn: {"carrier": "post", "tracking_number": "RR1"},
    r.ReceiveReturn: {"units": ((1, 1),)},
    r.MissReturn: {},
    r.InspectReturn: {"findings": (Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.RESTOCK),)},
    r.ResolveCase: {"outcomes": (Outcome(no=1, units=1, resolution=Resolution.REFUND),)},
    r.EndQuarantine: {"units": ((1, 1),), "restocked": True},
}
"""What a good command of each kind has, beside its key, who asks, and the case or order that it is about."""

VERBS: dict[type[Command], str] = {
    r.ApplyForReturn: "apply",
    r.AskForMore: "ask",
    r.AnswerCase: "answer",
    r.ApproveCase: "approve",
    r.RejectCase: "reject",
    r.WithdrawCase: "withdraw",
    r.SendReturn: "send",
    r.ReceiveReturn: "receive",
    r.MissReturn: "miss",
    r.InspectReturn: "inspect",
    r.ResolveCase: "resolve",
    r.EndQuarantine: "end_quarantine",
}


def cases(mall: Mall) -> tuple[Case, ...]:
    """Every case in the store, by id."""
    return tuple(stored.value for stored in mall.storage.find(Query(Case, limit=1_000)).items)


def do(mall: Mall, kind: type[Command], case: Case, key: str = "", **facts: Any) -> Any:
    """What the shop says to a plain command about a case: without the facts of `CASE_PARTS`, so all that is awaited comes, and so on."""
    least = {r.AskForMore: ("note",), r.RejectCase: ("why",), r.EndQuarantine: ("restocked",), r.AnswerCase: ("note",)}.get(kind, ())
    parts = {name: CASE_PARTS[kind][name] for name in least}
    return getattr(mall.shop.returns, VERBS[kind])(
        kind(**{"key": key or f"{kind.__name__}-{case.id}", "by": CLERK, "case_id": case.id, **parts, **facts})
    )


def apply(mall: Mall, order: Order, *wishes: Wish, key: str = "apply", **facts: Any) -> Any:
    """What the shop says to Ann who is not content with units of an order, with one tea unless it is told."""
    return mall.shop.returns.apply(r.ApplyForReturn(**{"key": key, "by": ANN, "order_id": order.id, "wishes": wishes or (TEA,), **facts}))


def applied(mall: Mall, *wishes: Wish, **facts: Any) -> Case:
    """A case about an order that has been delivered."""
    return accepted(apply(mall, come(mall), *wishes, **facts))


def asked(mall: Mall) -> Case:
    """A case whose customer was asked for more."""
    return accepted(do(mall, r.AskForMore, applied(mall)))


def approved(mall: Mall, *wishes: Wish, granted: tuple[Granted, ...] = ()) -> Case:
    """A case that was approved."""
    return accepted(do(mall, r.ApproveCase, applied(mall, *wishes), granted=granted))


def sent(mall: Mall, *wishes: Wish, **facts: Any) -> Case:
    """A case whose goods are on their way."""
    return accepted(do(mall, r.SendReturn, approved(mall, *wishes, **facts)))


def received(mall: Mall, *wishes: Wish, **facts: Any) -> Case:
    """A case whose goods have come."""
    return accepted(do(mall, r.ReceiveReturn, approved(mall, *wishes, **facts)))


def inspected(mall: Mall, *wishes: Wish, findings: tuple[Finding, ...] = (), **facts: Any) -> Case:
    """A case whose goods have come and were looked at."""
    return accepted(do(mall, r.InspectReturn, received(mall, *wishes, **facts), findings=findings))


def resolved(mall: Mall, *wishes: Wish, **facts: Any) -> Case:
    """A case that is over, with what is due done."""
    return accepted(do(mall, r.ResolveCase, inspected(mall, *wishes, **facts)))


ASIDE = (Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.QUARANTINE),)


def aside(mall: Mall) -> Case:
    """A case that is over, whose tea was kept aside."""
    return resolved(mall, findings=ASIDE)


def lost(mall: Mall) -> Order:
    """An order whose parcel never came."""
    order = paid(mall.shop)
    about = {"by": CLERK, "order_id": order.id}
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", **about)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="go", shipment_id="s1", **about)))
    return accepted(mall.shop.shipping.lose(LoseShipment(key="gone", shipment_id="s1", **about)))


def check_cases(storage: Storage) -> dict[str, Any]:
    """Cases are the sums of their histories, and what they claim stands with their orders."""
    found = [stored.value for stored in storage.find(Query(Case, limit=1_000)).items]
    together = {it.value.order_id: it.value for it in storage.find(Query(OrderCases, limit=1_000)).items}
    for case in found:
        told = [it.value for it in storage.read(CASES, after=BEGINNING, key=case.id, limit=1_000)]
        assert (fold(told), len(told)) == (case, case.event_count)
    for order_id, kept in together.items():
        theirs = [case for case in found if case.order_id == order_id]
        claimed = sum([Counter(case.claimed()) for case in theirs], Counter[int]())
        assert (kept.taken, kept.count) == (dict(claimed), len(theirs))
    return {
        "cases": sorted((it.number, it.state, it.lines, it.due_at, it.event_count) for it in found),
        "claims": sorted((it.count, tuple(sorted(it.taken.items()))) for it in together.values()),
    }


def cases_of(mall: Mall) -> list[Any]:
    """The cases of a mall without the names that chance gave them."""
    return [(state, lines, due, count) for _, state, lines, due, count in check_cases(mall.storage)["cases"]]


def _deed(name: str, flow: Callable[..., Any], kind: type[Command], prepare: Callable[[Mall], Case], **facts: Any) -> Scenario:
    ways = facts.pop("ways", {})
    return Scenario(name, flow, lambda mall, case: do(mall, kind, case, key="deed", **facts), prepare, ways=ways)


def _exchanged(mall: Mall) -> Case:
    """A case whose tea came back and is to be exchanged for a cup."""
    return inspected(mall, Wish(line_no=1, units=1, why=Why.WRONG_GOODS, resolution=Resolution.EXCHANGE, sku="CUP"))


_CREDIT, _POINTS = (
    (Granted(no=1, resolution=Resolution.STORE_CREDIT),),
    (Granted(no=1, resolution=Resolution.POINTS, goods_back=False, amount=50),),
)
_PART = (Granted(no=1, resolution=Resolution.PARTIAL_REFUND, goods_back=False, amount=300),)
_AGAIN = Wish(line_no=1, units=2, why=Why.LOST, resolution=Resolution.REPLACE)


def _due(mall: Mall) -> None:
    sent(mall)
    mall.clock.advance(15 * DAY)


CASE_SCENARIOS = (
    Scenario("apply for a return", flows.apply_for_return, lambda mall, order: apply(mall, order, note="too green"), come),
    Scenario("apply with a vault", flows.apply_for_return, lambda mall, order: apply(mall, order, note="too green"), come, ways=VAULTED),
    Scenario("apply and keep the goods", flows.apply_for_return, apply, come, ways={"returns": SMALL}),
    _deed("ask for more", flows.ask_for_more, r.AskForMore, applied),
    _deed("answer", flows.answer_case, r.AnswerCase, asked, evidence=((1, PHOTO),)),
    _deed("approve a case", flows.approve_case, r.ApproveCase, applied),
    _deed("reject a case", flows.reject_case, r.RejectCase, applied),
    _deed("withdraw a case", flows.withdraw_case, r.WithdrawCase, sent),
    _deed("send goods back", flows.send_return, r.SendReturn, approved),
    _deed("receive what comes back", flows.receive_return, r.ReceiveReturn, sent),
    _deed("miss what comes back", flows.miss_return, r.MissReturn, sent),
    _deed("inspect what came back", flows.inspect_return, r.InspectReturn, received),
    _deed("resolve with a refund", flows.resolve_case, r.ResolveCase, inspected),
    _deed("resolve with store credit", flows.resolve_case, r.ResolveCase, lambda mall: inspected(mall, granted=_CREDIT), ways=CREDITED),
    _deed("resolve with points", flows.resolve_case, r.ResolveCase, lambda mall: approved(mall, granted=_POINTS)),
    _deed("resolve with a part of the price", flows.resolve_case, r.ResolveCase, lambda mall: approved(mall, granted=_PART)),
    _deed(
        "resolve with the same again",
        flows.resolve_case,
        r.ResolveCase,
        lambda mall: accepted(do(mall, r.ApproveCase, accepted(apply(mall, lost(mall), _AGAIN)))),
    ),
    _deed("end a quarantine", flows.end_quarantine, r.EndQuarantine, aside),
    _deed("exchange goods", flows.resolve_case, r.ResolveCase, _exchanged),
    Scenario("sweep cases", flows.sweep_cases, lambda mall, _: mall.shop.returns.sweep(), _due),
)
"""For every flow of cases: what came before, and the deed that crashes and is sent again."""


def _about(
    kind: type[Command], name: str, before: Callable[[Mall], Any], expected: type[Exception] | str, match: str | None = None, **facts: Any
) -> Bad:
    def act(mall: Mall) -> Any:
        (case,) = cases(mall)
        return do(mall, kind, case, key="deed", **facts)

    return Bad(name, act, expected, match, before=before)


def _every(kind: type[Command]) -> list[Bad]:
    """What is wrong for every verb about a case."""
    keepers = issubclass(kind, r.KeepersCaseCommand)
    return [
        _about(kind, "no such case", applied, "case_not_found", case_id="none"),
        _about(kind, "no id", applied, InvalidValue, "case_id", case_id=""),
        _about(kind, "a customer", applied, InvalidValue, "for staff and the shop itself", by=ANN)
        if keepers
        else _about(kind, "somebody else", applied, "case_not_found", by=BOB),
    ]


def _wished(name: str, expected: type[Exception] | str, match: str | None = None, *wishes: Wish, **facts: Any) -> Bad:
    return Bad(name, lambda mall: apply(mall, mall.orders()[0], *wishes, key="deed", **facts), expected, match, before=come)


_MANY, _NONE = ((1, 9),), ((7, 1),)
_REFUSED = Finding(no=1, units=9, condition=Condition.USED)


def _late(mall: Mall) -> None:
    come(mall)
    mall.clock.advance(15 * DAY)


CASE_CASES: dict[str, list[Bad]] = {
    "returns.apply": [
        _wished("no such order", "order_not_found", None, order_id="0" * 26),
        _wished("somebody else", "order_not_found", None, by=BOB),
        _wished("no wishes", InvalidValue, "wishes", wishes=()),
        _wished("more than came", "return_units_above", None, evolve(TEA, units=3)),
        _wished("no such line", "return_units_above", None, evolve(TEA, line_no=7)),
        Bad("too late", lambda mall: apply(mall, mall.orders()[0]), "return_window_over", before=_late),
        Bad("before it came", lambda mall: apply(mall, mall.orders()[0]), "return_units_above"),
    ],
    "returns.ask": [
        *_every(r.AskForMore),
        _about(r.AskForMore, "one that was approved", approved, IllegalTransition, "cannot ask a case that is approved"),
    ],
    "returns.answer": [
        *_every(r.AnswerCase),
        _about(r.AnswerCase, "nothing was asked", applied, IllegalTransition, "cannot answer a case that is applied"),
        _about(r.AnswerCase, "nothing to say", asked, InvalidValue, "a note or evidence", note=""),
        _about(r.AnswerCase, "of a line that is not there", asked, "case_line_unknown", None, evidence=((7, PHOTO),)),
        _about(r.AnswerCase, "a word for evidence", asked, InvalidValue, "evidence", evidence=((1, "photo"),)),
    ],
    "returns.approve": [
        *_every(r.ApproveCase),
        _about(r.ApproveCase, "twice", approved, IllegalTransition, "cannot approve a case that is approved"),
        _about(r.ApproveCase, "another line", applied, "case_line_unknown", None, granted=(Granted(no=2, resolution=Resolution.REFUND),)),
    ],
    "returns.reject": [
        *_every(r.RejectCase),
        _about(r.RejectCase, "after it was approved", approved, IllegalTransition, "cannot reject a case that is approved"),
        _about(r.RejectCase, "without a reason", applied, InvalidValue, "why", why=""),
    ],
    "returns.withdraw": [
        *_every(r.WithdrawCase),
        _about(r.WithdrawCase, "once goods are here", received, IllegalTransition, "cannot withdraw a case that is received"),
    ],
    "returns.send": [
        *_every(r.SendReturn),
        _about(r.SendReturn, "before it is approved", applied, IllegalTransition, "cannot send a case that is applied"),
        _about(r.SendReturn, "what the customer keeps", lambda mall: approved(mall, granted=_PART), "case_goods_not_awaited"),
    ],
    "returns.receive": [
        *_every(r.ReceiveReturn),
        _about(r.ReceiveReturn, "more than are awaited", approved, "case_units_above", None, units=_MANY),
        _about(r.ReceiveReturn, "of a line that is not there", approved, "case_line_unknown", None, units=_NONE),
        _about(r.ReceiveReturn, "what the customer keeps", lambda mall: approved(mall, granted=_PART), "case_goods_not_awaited"),
        _about(r.ReceiveReturn, "a line twice", approved, InvalidValue, "each line once", units=((1, 1), (1, 1))),
    ],
    "returns.miss": [
        *_every(r.MissReturn),
        _about(r.MissReturn, "before they are sent", approved, IllegalTransition, "cannot miss a case that is approved"),
    ],
    "returns.inspect": [
        *_every(r.InspectReturn),
        _about(r.InspectReturn, "more than came", received, "case_units_above", None, findings=(_REFUSED,)),
        _about(r.InspectReturn, "of a line that is not there", received, "case_line_unknown", None, findings=(evolve(_REFUSED, no=7),)),
        _about(r.InspectReturn, "what is lost", received, InvalidValue, "with `miss`", findings=(evolve(_REFUSED, condition=Condition.LOST),)),
    ],
    "returns.resolve": [
        *_every(r.ResolveCase),
        _about(r.ResolveCase, "before goods come", approved, "case_goods_awaited"),
        _about(r.ResolveCase, "before it is approved", applied, IllegalTransition, "cannot resolve a case that is applied"),
        _about(
            r.ResolveCase, "more than came", inspected, "case_units_above", None, outcomes=(Outcome(no=1, units=2, resolution=Resolution.REFUND),)
        ),
        _about(r.ResolveCase, "another line", inspected, "case_line_unknown", None, outcomes=(Outcome(no=7, units=1, resolution=Resolution.REFUND),)),
        _about(r.ResolveCase, "no series", inspected, InvalidValue, "series", series=""),
    ],
    "returns.end_quarantine": [
        *_every(r.EndQuarantine),
        _about(r.EndQuarantine, "nothing is aside", resolved, InvalidValue, "kept aside"),
        _about(r.EndQuarantine, "more than are aside", aside, "case_units_above", None, units=_MANY),
        _about(r.EndQuarantine, "of a line that is not there", aside, "case_line_unknown", None, units=_NONE),
    ],
    "returns.sweep": [
        Bad("no limit", lambda mall: mall.shop.returns.sweep(limit=0), InvalidValue, "limit"),
        Bad("no function", lambda mall: mall.shop.returns.sweep(progress="x"), InvalidValue, "function"),
    ],
    "returns.get": [
        Bad("no such case", lambda mall: mall.shop.returns.get("none"), "case_not_found"),
        Bad("nobody asks", lambda mall: mall.shop.returns.get("none", by="ann"), InvalidValue, "by"),
        Bad("somebody else", lambda mall: mall.shop.returns.get(cases(mall)[0].id, by=BOB), "case_not_found", before=applied),
    ],
    "returns.numbered": [
        Bad("nothing", lambda mall: mall.shop.returns.numbered(""), InvalidValue, "number"),
        Bad("no text", lambda mall: mall.shop.returns.numbered(7), InvalidValue, "number"),
        Bad("the number of an order", lambda mall: mall.shop.returns.numbered(mall.orders()[0].number), InvalidValue, "number of a case"),
        Bad("no such case", lambda mall: mall.shop.returns.numbered(f"{mall.orders()[0].number}-C9"), "case_not_found"),
        Bad("somebody else", lambda mall: mall.shop.returns.numbered(cases(mall)[0].number, by=BOB), "case_not_found", before=applied),
    ],
    "returns.of_order": [
        Bad("no such order", lambda mall: mall.shop.returns.of_order("0" * 26), "order_not_found"),
        Bad("somebody else", lambda mall: mall.shop.returns.of_order(mall.orders()[0].id, by=BOB), "order_not_found"),
    ],
    "returns.find": [
        Bad("a word", lambda mall: mall.shop.returns.find("open"), InvalidValue, "Query"),
        Bad("other documents", lambda mall: mall.shop.returns.find(Query(Order)), InvalidValue, "Query"),
        Bad("no such index", lambda mall: mall.shop.returns.find(Query(Case, where=(Where("age", Match.EQUAL, 1),))), UnknownIndex),
    ],
    "returns.inbox": [
        Bad("no limit", lambda mall: mall.shop.returns.inbox(limit=0), InvalidValue, "limit"),
        Bad("a word", lambda mall: mall.shop.returns.inbox(waits_for="shop"), InvalidValue, "WaitsFor"),
        Bad("no cursor", lambda mall: mall.shop.returns.inbox(after="x"), InvalidValue),
    ],
    "returns.notes": [
        Bad("no such case", lambda mall: mall.shop.returns.notes("none"), "case_not_found"),
        Bad("somebody else", lambda mall: mall.shop.returns.notes(cases(mall)[0].id, by=BOB), "case_not_found", before=applied),
    ],
    "returns.history": [Bad("nothing", lambda mall: mall.shop.returns.history(""), InvalidValue, "case id")],
}
"""What is wrong for one verb alone."""
