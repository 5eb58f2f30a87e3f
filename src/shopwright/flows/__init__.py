"""Flows: read, decide, write, call, decide, write. One module per family of verbs; each flow goes on after a crash at any point.

Those of orders stand here; those of stock, of points, of members, of what members are given, and of the vault in packages of their own.
"""

from shopwright.flows.awaiting import expect_goods, fill_awaited
from shopwright.flows.banking import assign_transfer, match_statement
from shopwright.flows.carting import hold_cart, release_cart
from shopwright.flows.catalog.bringing import import_groups
from shopwright.flows.catalog.defining import put_attributes
from shopwright.flows.catalog.filing import merge_category, move_category, put_categories, refile
from shopwright.flows.catalog.keeping import archive_group, put_group
from shopwright.flows.catalog.pricing import put_price_list, put_prices, remove_price_list, remove_prices
from shopwright.flows.closing import cancel, complete
from shopwright.flows.credit.accounts import grant_credit, refund_as_credit, take_out_credit
from shopwright.flows.credit.cards import activate_card, issue_card, top_up_card, void_card
from shopwright.flows.credit.selling import follow_cards
from shopwright.flows.credit.sweeping import expire_credit
from shopwright.flows.disputing import answer_dispute
from shopwright.flows.editing.editing import edit_order, preview_edit
from shopwright.flows.exceptions.late import LateSwept, sweep_late
from shopwright.flows.exceptions.leaving import cancel_units, move_promise, report_missing, report_wrong, reship_units
from shopwright.flows.exceptions.resolving import assign_exception, resolve_exception
from shopwright.flows.finding.following import follow_orders
from shopwright.flows.finding.tagging import tag_order
from shopwright.flows.finding.views import remove_view, save_view
from shopwright.flows.growth.following import follow_tiers
from shopwright.flows.growth.ranking import end_tier_grants, grant_tier, sweep_tiers
from shopwright.flows.growth.referrals import follow_referrals, open_referrals, redeem_referral, reject_referral, sweep_referrals
from shopwright.flows.growth.reminding import remind
from shopwright.flows.growth.rewarding import check_in, reward_birthday, reward_manually, reward_review, take_back_reward
from shopwright.flows.inventory.following import follow_stock, sweep_stock
from shopwright.flows.inventory.keeping import (
    count_goods,
    damage_goods,
    end_aside,
    find_goods,
    keep_stock,
    receive_goods,
    set_aside_goods,
    take_back_goods,
    write_off_goods,
)
from shopwright.flows.inventory.naming import name_packed_units
from shopwright.flows.inventory.transferring import receive_transfer, send_transfer
from shopwright.flows.members.details import block_member, change_profile, give_consent, put_address, remove_address, unblock_member, withdraw_consent
from shopwright.flows.members.forgetting import erase_member
from shopwright.flows.members.joining import adopt_guest, register_member
from shopwright.flows.members.methods import keep_method, prefer_method, remove_method
from shopwright.flows.members.proving import add_contact, prove_contact, remove_contact, send_code, verify_contact
from shopwright.flows.members.rehashing import rehash_members
from shopwright.flows.members.uniting import merge_members
from shopwright.flows.paying import add_payment, capture, keep_loose, pay, record, refresh, refund, repay
from shopwright.flows.paying_out import reconcile_payouts
from shopwright.flows.placing import place
from shopwright.flows.points.accounts import (
    activate_points,
    extend_points,
    grant_points,
    hold_points,
    redeem_held_points,
    redeem_points,
    release_points,
    restore_points,
    reverse_points,
)
from shopwright.flows.points.booking import follow_points
from shopwright.flows.points.exchanging import exchange_points
from shopwright.flows.points.importing import import_points
from shopwright.flows.points.moving import merge_points, transfer_points
from shopwright.flows.points.offering import offer
from shopwright.flows.points.sweeping import expire_points
from shopwright.flows.ports import Ports
from shopwright.flows.quoting import quote, why_not
from shopwright.flows.receiving import receive
from shopwright.flows.reconciling import reconcile
from shopwright.flows.refunding import credit_notes, give_goodwill, plan_refund, refund_units
from shopwright.flows.relaying import history, relay
from shopwright.flows.returns.labeling import book_return_label, labels_of_case, track_return, void_return_label
from shopwright.flows.returns.receiving import inspect_return, miss_return, receive_return, send_return
from shopwright.flows.returns.resolving import end_quarantine, preview_resolution, resolve_case
from shopwright.flows.returns.reviewing import answer_case, apply_for_return, approve_case, ask_for_more, reject_case, withdraw_case
from shopwright.flows.returns.sweeping import sweep_cases
from shopwright.flows.reviewing import confirm, correct, hold, lift, note, reject, send_back
from shopwright.flows.risk.following import follow_risk
from shopwright.flows.risk.listing import put_on_list, take_off_list
from shopwright.flows.shipping import deliver, dispatch, lose, receive_tracking, ship, take_back, track, unplan
from shopwright.flows.statistics.following import follow_statistics
from shopwright.flows.statistics.recording import forget_visitors, record_visits
from shopwright.flows.stocking import put_coupon, put_product, receive_stock
from shopwright.flows.subscriptions.delivering import tell
from shopwright.flows.subscriptions.keeping import (
    discard_notice,
    pause_subscription,
    redeliver_notices,
    replay_subscription,
    resume_subscription,
    subscribe,
)
from shopwright.flows.sweeping import Swept, sweep
from shopwright.flows.upkeep import SweptShop, sweep_shop
from shopwright.flows.vault.erasing import erase_person
from shopwright.flows.vault.rotating import rotate

__all__ = [
    "LateSwept",
    "Ports",
    "Swept",
    "SweptShop",
    "activate_card",
    "activate_points",
    "add_contact",
    "add_payment",
    "adopt_guest",
    "answer_case",
    "answer_dispute",
    "apply_for_return",
    "approve_case",
    "archive_group",
    "ask_for_more",
    "assign_exception",
    "assign_transfer",
    "block_member",
    "book_return_label",
    "cancel",
    "cancel_units",
    "capture",
    "change_profile",
    "check_in",
    "complete",
    "confirm",
    "correct",
    "count_goods",
    "credit_notes",
    "damage_goods",
    "deliver",
    "discard_notice",
    "dispatch",
    "edit_order",
    "end_aside",
    "end_quarantine",
    "end_tier_grants",
    "erase_member",
    "erase_person",
    "exchange_points",
    "expect_goods",
    "expire_credit",
    "expire_points",
    "extend_points",
    "fill_awaited",
    "find_goods",
    "follow_cards",
    "follow_orders",
    "follow_points",
    "follow_referrals",
    "follow_risk",
    "follow_statistics",
    "follow_stock",
    "follow_tiers",
    "forget_visitors",
    "give_consent",
    "give_goodwill",
    "grant_credit",
    "grant_points",
    "grant_tier",
    "history",
    "hold",
    "hold_cart",
    "hold_points",
    "import_groups",
    "import_points",
    "inspect_return",
    "issue_card",
    "keep_loose",
    "keep_method",
    "keep_stock",
    "labels_of_case",
    "lift",
    "lose",
    "match_statement",
    "merge_category",
    "merge_members",
    "merge_points",
    "miss_return",
    "move_category",
    "move_promise",
    "name_packed_units",
    "note",
    "offer",
    "open_referrals",
    "pause_subscription",
    "pay",
    "place",
    "plan_refund",
    "prefer_method",
    "preview_edit",
    "preview_resolution",
    "prove_contact",
    "put_address",
    "put_attributes",
    "put_categories",
    "put_coupon",
    "put_group",
    "put_on_list",
    "put_price_list",
    "put_prices",
    "put_product",
    "quote",
    "receive",
    "receive_goods",
    "receive_return",
    "receive_stock",
    "receive_tracking",
    "receive_transfer",
    "reconcile",
    "reconcile_payouts",
    "record",
    "record_visits",
    "redeem_held_points",
    "redeem_points",
    "redeem_referral",
    "redeliver_notices",
    "refile",
    "refresh",
    "refund",
    "refund_as_credit",
    "refund_units",
    "register_member",
    "rehash_members",
    "reject",
    "reject_case",
    "reject_referral",
    "relay",
    "release_cart",
    "release_points",
    "remind",
    "remove_address",
    "remove_contact",
    "remove_method",
    "remove_price_list",
    "remove_prices",
    "remove_view",
    "repay",
    "replay_subscription",
    "report_missing",
    "report_wrong",
    "reship_units",
    "resolve_case",
    "resolve_exception",
    "restore_points",
    "resume_subscription",
    "reverse_points",
    "reward_birthday",
    "reward_manually",
    "reward_review",
    "rotate",
    "save_view",
    "send_back",
    "send_code",
    "send_return",
    "send_transfer",
    "set_aside_goods",
    "ship",
    "subscribe",
    "sweep",
    "sweep_cases",
    "sweep_late",
    "sweep_referrals",
    "sweep_shop",
    "sweep_stock",
    "sweep_tiers",
    "tag_order",
    "take_back",
    "take_back_goods",
    "take_back_reward",
    "take_off_list",
    "take_out_credit",
    "tell",
    "top_up_card",
    "track",
    "track_return",
    "transfer_points",
    "unblock_member",
    "unplan",
    "verify_contact",
    "void_card",
    "void_return_label",
    "why_not",
    "withdraw_case",
    "withdraw_consent",
    "write_off_goods",
]
