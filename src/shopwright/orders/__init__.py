"""Orders: one aggregate, several small machines, and verbs that decide. Read `states.py` first, then `evolve.py`."""

from shopwright.orders.closing import cancel, complete, complete_due_at
from shopwright.orders.decision import Decision
from shopwright.orders.edit_plan import EditPlan
from shopwright.orders.editing import edit_planned, plan_edit
from shopwright.orders.events import CancelReason, OrderEvent
from shopwright.orders.evolve import evolve, fold
from shopwright.orders.fulfilling import attempt_booking, deliver, dispatch, lose, plan_shipment, take_back, track, unplan
from shopwright.orders.grants import Promise, PromiseState, promises
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.noticing import watched
from shopwright.orders.order import Order
from shopwright.orders.paying import answer, capture, next_step, record, start
from shopwright.orders.placing import Placement, place
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refund_plan import RefundPlan
from shopwright.orders.refund_policy import BelowMinimum, Minimum, RefundPolicy, ShippingBack
from shopwright.orders.refunds import goodwill, refund, repay
from shopwright.orders.reviewing import advance, confirm, correct, hold, lift, send_back
from shopwright.orders.standing import Standing, standing, standings
from shopwright.orders.states import OrderState
from shopwright.orders.tendering import retender
from shopwright.orders.terms import ApprovalRule, CaptureWhen, CustomerEdits, ReturnUses, Terms
from shopwright.orders.uses import give_back

__all__ = [
    "ApprovalRule",
    "BelowMinimum",
    "CancelReason",
    "CaptureWhen",
    "CustomerEdits",
    "Decision",
    "EditPlan",
    "Hold",
    "HoldReason",
    "Minimum",
    "Order",
    "OrderEvent",
    "OrderState",
    "Placement",
    "Promise",
    "PromiseState",
    "RefundPlan",
    "RefundPolicy",
    "ReturnUses",
    "ShippingBack",
    "Standing",
    "Terms",
    "advance",
    "answer",
    "attempt_booking",
    "cancel",
    "capture",
    "complete",
    "complete_due_at",
    "confirm",
    "correct",
    "deliver",
    "dispatch",
    "edit_planned",
    "evolve",
    "fold",
    "give_back",
    "goodwill",
    "hold",
    "lift",
    "lose",
    "next_step",
    "place",
    "plan_edit",
    "plan_refund",
    "plan_shipment",
    "promises",
    "record",
    "refund",
    "refund_planned",
    "repay",
    "retender",
    "send_back",
    "standing",
    "standings",
    "start",
    "take_back",
    "track",
    "unplan",
    "watched",
]
