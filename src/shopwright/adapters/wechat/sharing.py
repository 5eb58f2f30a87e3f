"""What WeChat Pay says of shared money.

Rules
- a share is decided receiver by receiver; one that is closed stays with the shop, and is named in `raw`;
- where every receiver is closed nothing was shared: that is a decline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from shopwright.adapters.wechat.messages import POLL_AFTER, Answer, word
from shopwright.payments.errors import GatewayKeyConflict, Indeterminate
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, InProgress, Outcome
from shopwright.payments.requests import Split


def shared(answer: Answer, paid: Done, key: OperationKey, parts: tuple[Split, ...]) -> Outcome:
    """How a share stands. Raises `GatewayKeyConflict` where the key shared other parts, `Indeterminate` for an answer about another one."""
    if word(answer.words, "out_order_no") != key.value:
        raise Indeterminate("the answer is about another share", raw_code="other_share")
    state = word(answer.words, "state")
    receivers = _receivers(answer.words)
    told = sorted((str(each.get("account")), each.get("amount")) for each in receivers)
    if parts and told != sorted((part.receiver, part.amount.minor) for part in parts):
        raise GatewayKeyConflict(f"{key} has shared this order in other parts", raw_code="other_parts")
    if state == "PROCESSING":
        return InProgress(paid.reference, POLL_AFTER, raw=paid.raw)
    if state != "FINISHED":
        raise Indeterminate(f"WeChat Pay tells a state of a share that is not known here: {state[:40]!r}", raw_code=state[:40])
    closed = [each for each in receivers if each.get("result") == "CLOSED"]
    if closed and len(closed) == len(receivers):
        why = str(closed[0].get("fail_reason") or "CLOSED")[:60]
        return Declined(DeclineReason.METHOD_UNAVAILABLE, Advice.CONTACT_ISSUER, why, "no receiver takes its share", paid.reference)
    names = ", ".join(str(each.get("account")) for each in closed)
    return evolve(paid, raw=(*paid.raw, ("closed_receivers", names[:200]))) if closed else paid


def _receivers(words: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The receivers that were asked for; what goes to the shop itself when the rest is released is none of them."""
    found = words.get("receivers", [])
    if not isinstance(found, list) or not all(isinstance(each, dict) and type(each.get("amount")) is int for each in found):
        raise Indeterminate("expected receivers with whole fen in what WeChat Pay tells", raw_code="shape")
    return [each for each in found if each.get("description") != RELEASED]


RELEASED = "解冻给分账方"
"""How WeChat Pay describes the part that it released to the shop."""
