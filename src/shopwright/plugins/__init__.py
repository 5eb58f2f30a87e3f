"""Plug-ins: finding adapters by entry points, what promotions can say, and telling observers what has happened. The only home of pluggy."""

from shopwright.plugins.discovery import Broken, Discovered, Lacking, discover
from shopwright.plugins.hookspecs import hookimpl
from shopwright.plugins.promotion_parts import PromotionParts
from shopwright.plugins.registry import Plugins

__all__ = ["Broken", "Discovered", "Lacking", "Plugins", "PromotionParts", "discover", "hookimpl"]
