"""What a shop keeps of goods that customers are not content with: the cases, which units of an order they are about, and what happens to each."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from shopwright.ports.kinds import Index, IndexType, Kind, RecordType
from shopwright.returns.case import Case
from shopwright.returns.events import CaseEvent
from shopwright.returns.labeling import label_at_work
from shopwright.returns.order_cases import OrderCases

CASES = "cases"
"""The stream of everything that happens to cases: the events of each, under its id."""


def _label_at(case: Case) -> datetime | None:
    """Since when a carrier has to be asked about the label of a case."""
    return case.label.asked_at if case.label is not None and label_at_work(case) else None


DOCUMENTS = (
    Kind(
        "case",
        Case,
        indexes=(
            Index("number", IndexType.TEXT, lambda case: case.number, unique=True),
            Index("order_id", IndexType.TEXT, lambda case: case.order_id),
            Index("buyer_id", IndexType.TEXT, lambda case: case.buyer_id),
            Index("state", IndexType.TEXT, lambda case: case.state.value),
            Index("opened_at", IndexType.TIME, lambda case: case.opened_at),
            Index("open_since", IndexType.TIME, lambda case: case.opened_at if case.open else None),
            Index("waits_for", IndexType.TEXT, lambda case: None if case.waits_for is None else case.waits_for.value),
            Index("due_at", IndexType.TIME, lambda case: case.due_at if case.open else None),
            Index("label_at", IndexType.TIME, _label_at),
        ),
    ),
    Kind("order_cases", OrderCases),
)

RECORDS = tuple(RecordType(event.__name__, event) for event in get_args(CaseEvent))
