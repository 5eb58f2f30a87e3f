"""Every hook, in the order in which they fire. At most ten, ever: a call with exactly one answer is a port, not a hook.

A plug-in is any object or module with functions of these names, marked with `hookimpl`:

    from shopwright.plugins import hookimpl

    @hookimpl
    def shopwright_observe_events(order_id, events): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pluggy

from shopwright.plugins.promotion_parts import PromotionParts
from shopwright.ports.kinds import Kind, RecordType

PROJECT = "shopwright"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def shopwright_register_kinds() -> Sequence[Kind[Any] | RecordType[Any]]:  # type: ignore[empty-body]  # a hook has only a signature
    """Document kinds and record types of the plug-in, to be kept beside those of the core. Fires once, before a storage is opened."""


@hookspec
def shopwright_register_promotion_parts() -> PromotionParts:  # type: ignore[empty-body]  # a hook has only a signature
    """Conditions, effects and predicates over lines, by the words that promotion files know them by. Fires before promotion files are read.

    A word that two plug-ins bring is left out of both; what is left out stands in `Plugins.broken` and keeps nothing else from being used.
    """


@hookspec
def shopwright_observe_events(order_id: str, events: Sequence[object]) -> None:
    """These events of this order are in the store. Fires after each commit; what a plug-in raises is logged and harms nobody.

    Whoever must miss nothing reads the stream with `shop.events.relay` instead.
    """
