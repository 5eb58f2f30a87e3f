"""Flows: read, decide, write, call, decide, write. One module per family of verbs; each flow goes on after a crash at any point."""

from shopwright.flows.closing import cancel, complete
from shopwright.flows.erasing import erase_person
from shopwright.flows.paying import add_payment, capture, keep_loose, pay, receive, record, refresh, refund, repay
from shopwright.flows.placing import place, quote, why_not
from shopwright.flows.ports import Ports
from shopwright.flows.ranking import end_tier_grants, follow_tiers, grant_tier, sweep_tiers
from shopwright.flows.relaying import history, relay
from shopwright.flows.reviewing import confirm, correct, hold, lift, note, reject, send_back
from shopwright.flows.rotating import rotate
from shopwright.flows.shipping import deliver, dispatch, lose, receive_tracking, ship, take_back, track, unplan
from shopwright.flows.stocking import put_coupon, put_product, receive_stock
from shopwright.flows.sweeping import Swept, sweep

FLOWS = (
    put_product,
    receive_stock,
    put_coupon,
    place,
    pay,
    record,
    add_payment,
    refresh,
    capture,
    refund,
    repay,
    receive,
    keep_loose,
    confirm,
    reject,
    send_back,
    correct,
    hold,
    lift,
    note,
    ship,
    unplan,
    dispatch,
    track,
    receive_tracking,
    deliver,
    take_back,
    lose,
    complete,
    cancel,
    sweep,
    relay,
    erase_person,
    rotate,
    follow_tiers,
    grant_tier,
    end_tier_grants,
    sweep_tiers,
)
"""Every flow that writes, in the order of an order's life."""

__all__ = [
    "FLOWS",
    "Ports",
    "Swept",
    "add_payment",
    "cancel",
    "capture",
    "complete",
    "confirm",
    "correct",
    "deliver",
    "dispatch",
    "end_tier_grants",
    "erase_person",
    "follow_tiers",
    "grant_tier",
    "history",
    "hold",
    "keep_loose",
    "lift",
    "lose",
    "note",
    "pay",
    "place",
    "put_coupon",
    "put_product",
    "quote",
    "receive",
    "receive_stock",
    "receive_tracking",
    "record",
    "refresh",
    "refund",
    "reject",
    "relay",
    "repay",
    "rotate",
    "send_back",
    "ship",
    "sweep",
    "sweep_tiers",
    "take_back",
    "track",
    "unplan",
    "why_not",
]
