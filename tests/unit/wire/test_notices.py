"""What goes out about an event: what everybody may know, what somebody chose, and never what pays (NOTICE-1, NOTICE-2, NOTICE-3)."""

from __future__ import annotations

import json
from typing import Any, get_args

import attrs
import pytest

from shopwright import accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.orders.events import OrderEvent
from shopwright.returns.events import CaseEvent
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS
from shopwright.wire.notices import NEVER, SHOWN, notice_id, notice_of
from tests.flows.mall import CLERK, Mall, paid

CODEC = Codec(KINDS)


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def told(mall: Mall, number: int = 1, *, plus: tuple[str, ...] = ()) -> dict[str, Any]:
    """What is told of an event of a paid order that was canceled by a person, with a note."""
    order = paid(mall.shop)
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="c", by=CLERK, order_id=order.id, note="Ann Lee rang, +49 30 901820")))
    recorded = mall.shop.orders.history(order.id)[number - 1]
    found: dict[str, Any] = json.loads(notice_of(recorded, CODEC, subscription="erp", plus=plus).body)
    return found


def test_what_is_told_of_each_event_of_an_order_and_of_a_case_was_decided_and_is_there() -> None:
    kinds = {kind.__name__: kind for kind in (*get_args(OrderEvent), *get_args(CaseEvent))}
    assert sorted(SHOWN) == sorted(kinds), "say in SHOWN of shopwright.wire.notices what everybody may know of each event"
    for name, paths in SHOWN.items():
        assert {path.partition(".")[0] for path in paths} - {it.name for it in attrs.fields(kinds[name])} == set(), name


def test_nothing_that_goes_out_to_nobody_is_shown_to_all() -> None:
    shown = [f"{name}.{path}" for name, paths in SHOWN.items() for path in paths]
    assert [path for path in shown for never in NEVER if f"{never}.".startswith(f"{path}.") or f"{path}.".startswith(f"{never}.")] == []


def test_a_placed_order_is_told_in_this_shape(mall: Mall) -> None:
    found = told(mall)
    facts = found["data"].pop("facts")
    key = found["data"]["key"]
    assert found == {
        "shape": 1,
        "id": notice_id("events", key, 1),
        "type": "OrderPlaced",
        "timestamp": "2026-03-02T09:00:00+00:00",
        "data": {"stream": "events", "key": key, "number": 1},
    }
    assert {name: value for name, value in facts.items() if name != "number"} == {
        "currency": "EUR",
        "channel": "",
        "lines": [
            {
                "line_no": 1,
                "sku": "TEA",
                "seller_id": "house",
                "quantity": 2,
                "unit_price": 1000,
                "subtotal": 2000,
                "discount": 0,
                "shipping": 178,
                "tax": 0,
                "total": 2178,
            },
            {
                "line_no": 2,
                "sku": "CUP",
                "seller_id": "house",
                "quantity": 1,
                "unit_price": 2500,
                "subtotal": 2500,
                "discount": 0,
                "shipping": 222,
                "tax": 0,
                "total": 2722,
            },
        ],
        "payments": [{"id": "p1", "tender": {"method": "card", "amount": 4900}}],
        "shipping_method": "post",
        "coupon_code": "",
        "promised_at": None,
        "external_id": "",
        "by": {"kind": "customer"},
    }


def test_no_name_address_note_or_token_goes_out_unless_it_was_chosen_as_notice_1_has_it(mall: Mall) -> None:
    order = paid(mall.shop)
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="c", by=CLERK, order_id=order.id, note="Ann Lee rang, +49 30 901820")))
    bodies = b"".join(notice_of(one, CODEC, subscription="erp").body for one in mall.shop.orders.history(order.id)).decode()
    assert [word for word in ("Ann", '"ann"', "Harbor", "Hamburg", "tok_ok", "901820", "clerk") if word in bodies] == []


def test_a_field_that_was_chosen_goes_out_beside_the_others_as_notice_2_has_it(mall: Mall) -> None:
    chosen = told(mall, plus=("OrderPlaced.ship_to.city", "OrderPlaced.buyer_id", "OrderCanceled.note"))["data"]["facts"]
    assert (chosen["ship_to"], chosen["buyer_id"], chosen["currency"]) == ({"city": "Hamburg"}, "ann", "EUR")


def test_the_id_of_a_notice_is_the_same_whenever_it_is_told_as_notice_3_has_it() -> None:
    assert notice_id("events", "o1", 1) == "evt_887ffba52a36fd3510ef9dbdcf80a673a4844309"
    assert len({notice_id(stream, key, number) for stream in ("events", "points") for key in ("o1", "o11") for number in (1, 2)}) == 8
