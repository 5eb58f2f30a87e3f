"""Plug-ins: finding adapters by entry points, and telling observers what has happened. The only home of pluggy."""

from shopwright.plugins.discovery import Broken, Discovered, discover
from shopwright.plugins.hookspecs import hookimpl
from shopwright.plugins.registry import Plugins

__all__ = ["Broken", "Discovered", "Plugins", "discover", "hookimpl"]
