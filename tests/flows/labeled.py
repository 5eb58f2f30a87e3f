"""Return labels at a mall, for the tests of all flows: what commands about them are made of, what crashes, and what is wrong."""

from __future__ import annotations

from typing import Any

from shopwright import accepted, flows
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.returns import commands as r
from shopwright.returns.case import Case
from shopwright.returns.labeling import LabelWanted
from shopwright.returns.rules import ReturnRule, ReturnTerms
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from tests.flows import cased
from tests.flows.bad_case import Bad
from tests.flows.mall import CLERK, WANTED, Mall
from tests.flows.scenario import Scenario
from tests.flows.vaulted import VAULTED

BACK = LabelWanted(carrier="flat_rate", to=WANTED.origin, parcels=WANTED.parcels, label_format="txt")
"""What a carrier is asked for: one parcel back to the dock that it came from."""

UNPAID = ReturnTerms(rules=(ReturnRule(name="theirs", shop_pays_return=False),))
"""Terms by which the customer pays the way back of what they do not like."""

PAID = ReturnTerms(rules=(ReturnRule(name="ours", shop_pays_return=True),))
OURS: dict[str, Any] = {"returns": PAID}
SEALED: dict[str, Any] = {**VAULTED, "returns": PAID}

LABEL_PARTS: dict[type[Command], dict[str, Any]] = {r.BookReturnLabel: {"wanted": BACK}, r.VoidReturnLabel: {}, r.TrackReturn: {}}
_VERBS: dict[type[Command], str] = {r.BookReturnLabel: "book_label", r.VoidReturnLabel: "void_label", r.TrackReturn: "track"}


def do(mall: Mall, kind: type[Command], case: Case, key: str = "", **facts: Any) -> Any:
    """What the shop says to a plain command about the label of a case."""
    command = kind(**{"key": key or f"{kind.__name__}-{case.id}", "by": CLERK, "case_id": case.id, **LABEL_PARTS[kind], **facts})
    return getattr(mall.shop.returns, _VERBS[kind])(command)


def labeled(mall: Mall, **facts: Any) -> Case:
    """A case with a label."""
    return accepted(do(mall, r.BookReturnLabel, cased.approved(mall, **facts)))


def scan(mall: Mall, case: Case, *statuses: TrackStatus, place: str = "") -> None:
    """The driver scans the parcel of a case, now."""
    assert case.label is not None
    for status in statuses:
        mall.desk.scan(case.label.tracking_numbers[0], TrackEvent(at=mall.clock.now(), status=status, place=place))


def _handed_over(mall: Mall) -> Case:
    case = labeled(mall)
    scan(mall, case, TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT)
    return case


def _lost_answer(mall: Mall) -> Case:
    mall.desk.script("book", "lost_applied")
    return labeled(mall)


def _deed(name: str, flow: Any, kind: type[Command], prepare: Any, ways: Any = OURS) -> Scenario:
    return Scenario(name, flow, lambda mall, case: do(mall, kind, case, key="deed"), prepare, ways=ways)


LABEL_SCENARIOS = (
    _deed("book a return label", flows.book_return_label, r.BookReturnLabel, cased.approved),
    _deed("book a return label with a vault", flows.book_return_label, r.BookReturnLabel, cased.approved, ways=SEALED),
    _deed("void a return label", flows.void_return_label, r.VoidReturnLabel, labeled),
    _deed("void a return label whose booking had no answer", flows.void_return_label, r.VoidReturnLabel, _lost_answer),
    _deed("track a return", flows.track_return, r.TrackReturn, _handed_over),
    Scenario(
        "withdraw a case with a label", flows.withdraw_case, lambda mall, case: cased.do(mall, r.WithdrawCase, case, "deed"), labeled, ways=OURS
    ),
    Scenario("sweep labels without an answer", flows.sweep_cases, lambda mall, _: mall.shop.returns.sweep(), _lost_answer, ways=OURS),
)
"""For every flow of return labels: what came before, and the deed that crashes and is sent again."""


def _about(kind: type[Command], name: str, before: Any, expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    def act(mall: Mall) -> Any:
        (case,) = cased.cases(mall)
        return do(mall, kind, case, key="deed", **facts)

    return Bad(name, act, expected, match, before=before)


def _keepers(kind: type[Command]) -> list[Bad]:
    return [
        _about(kind, "no such case", cased.applied, "case_not_found", case_id="none"),
        _about(kind, "no id", cased.applied, InvalidValue, "case_id", case_id=""),
        _about(kind, "a customer", cased.applied, InvalidValue, "for staff and the shop itself", by=cased.ANN),
    ]


def _previewed(mall: Mall, **facts: Any) -> Any:
    (case,) = cased.cases(mall)
    return mall.shop.returns.preview(r.ResolveCase(**{"key": "deed", "by": CLERK, "case_id": case.id, **facts}))


LABEL_CASES: dict[str, list[Bad]] = {
    "returns.book_label": [
        *_keepers(r.BookReturnLabel),
        _about(r.BookReturnLabel, "before it is approved", cased.applied, IllegalTransition, "cannot label a case that is applied"),
        _about(r.BookReturnLabel, "a word for what is wanted", cased.approved, InvalidValue, "wanted", wanted="a label"),
    ],
    "returns.void_label": [
        *_keepers(r.VoidReturnLabel),
        _about(r.VoidReturnLabel, "none was booked", cased.approved, "return_label_missing"),
    ],
    "returns.track": [
        _about(r.TrackReturn, "no such case", cased.applied, "case_not_found", case_id="none"),
        _about(r.TrackReturn, "no id", cased.applied, InvalidValue, "case_id", case_id=""),
        _about(r.TrackReturn, "somebody else", cased.applied, "case_not_found", by=cased.BOB),
    ],
    "returns.preview": [
        Bad("no such case", lambda mall: _previewed(mall, case_id="none"), "case_not_found", before=cased.inspected),
        Bad("a customer", lambda mall: _previewed(mall, by=cased.ANN), InvalidValue, "for staff and the shop itself", before=cased.inspected),
        Bad("before the goods came", _previewed, "case_goods_awaited", before=cased.approved),
        Bad("before it is approved", _previewed, IllegalTransition, "cannot resolve a case that is applied", before=cased.applied),
    ],
    "returns.labels": [
        Bad("no such case", lambda mall: mall.shop.returns.labels("none"), "case_not_found"),
        Bad("nobody asks", lambda mall: mall.shop.returns.labels("none", by="ann"), InvalidValue, "by"),
        Bad("somebody else", lambda mall: mall.shop.returns.labels(cased.cases(mall)[0].id, by=cased.BOB), "case_not_found", before=cased.applied),
    ],
}
"""What is wrong for one verb alone."""
