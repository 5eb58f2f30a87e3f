"""Commands about the subscription of the mall's ear, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shopwright.flows.subscriptions.commands import (
    DiscardNotice,
    PauseSubscription,
    RedeliverNotices,
    ReplaySubscription,
    ResumeSubscription,
    Subscribe,
)

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
NOBODY = "0" * 26

SUBSCRIPTION_PARTS: dict[Any, dict[str, Any]] = {
    Subscribe: {"name": "erp", "outlet": "erp", "kinds": frozenset({"OrderPlaced"}), "plus": ("OrderPlaced.ship_to",), "since": SINCE},
    PauseSubscription: {"name": "erp", "why": "they move house"},
    ResumeSubscription: {"name": "erp"},
    ReplaySubscription: {"name": "erp", "since": SINCE},
    RedeliverNotices: {"name": "erp", "about": NOBODY},
    DiscardNotice: {"name": "erp", "about": NOBODY, "number": 1},
}
