"""The plug-ins of one shop: registered by hand or found by the entry-point group `shopwright.plugins`, and told what happens."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from shopwright.errors import InvalidValue
from shopwright.plugins import hookspecs
from shopwright.plugins.discovery import Broken, left_out
from shopwright.plugins.promotion_parts import gathered
from shopwright.ports.kinds import Kinds
from shopwright.wire.promotion_words import WORDS, Words

GROUP = "shopwright.plugins"
_log = logging.getLogger("shopwright.plugins")


class Plugins:
    """Implements `shopwright.ports.observers.Observers`: give it to `Shop(observers=...)`."""

    def __init__(self, *plugins: object) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.broken: tuple[Broken, ...] = ()
        self._points: dict[str, EntryPoint] = {}
        for plugin in plugins:
            self.register(plugin)

    def register(self, plugin: object, name: str | None = None) -> None:
        """Add a plug-in. Raises `InvalidValue` when it is there already or a hook has arguments that its spec does not."""
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise InvalidValue(f"cannot register plug-in {name or plugin!r}: {error}") from error

    def load(self, *, points: Iterable[EntryPoint] | None = None) -> Plugins:
        """Add every plug-in that installed distributions bring; those that cannot be loaded stand in `broken`."""
        broken = list(self.broken)
        for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda point: point.name):
            try:
                self.register(point.load(), point.name)
                self._points[point.name] = point
            except Exception as error:  # noqa: BLE001  # whatever a plug-in raises while it is imported is its own fault
                broken.append(left_out(point, GROUP, f"{type(error).__name__}: {error}"))
        self.broken = tuple(broken)
        return self

    def kinds(self, core: Kinds) -> Kinds:
        """The kinds of the core and of every plug-in; raises `InvalidValue` when two have one name or type."""
        more: list[Any] = [kind for found in self._manager.hook.shopwright_register_kinds() for kind in found]
        return core.plus(*more)

    def words(self, core: Words = WORDS) -> Words:
        """What promotion files can say: the words of the core and of every plug-in; what is left out of them stands in `broken` afterwards."""
        hooked = self._manager.hook.shopwright_register_promotion_parts.get_hookimpls()
        words, left = gathered(core, [(it.plugin_name, it.function) for it in hooked])
        told = [self._left_out(it.plugin, it.error) for it in left]
        self.broken += tuple([it for it in told if it not in self.broken])
        return words

    def _left_out(self, plugin: str, error: str) -> Broken:
        """The word on something of a plug-in that is not used."""
        if plugin in self._points:
            return left_out(self._points[plugin], GROUP, error)
        name = type(self._manager.get_plugin(plugin)).__name__ if plugin.isdecimal() else plugin
        return Broken(name, GROUP, "this program", error)

    def heard(self, order_id: str, events: Sequence[object]) -> None:
        """Tell every plug-in; what one raises is logged and keeps nobody else from hearing."""
        for implementation in self._manager.hook.shopwright_observe_events.get_hookimpls():
            try:
                arguments = {"order_id": order_id, "events": events}
                implementation.function(*(arguments[name] for name in implementation.argnames))
            except Exception:  # noqa: BLE001  # an observer's trouble is its own
                _log.exception("plug-in %s failed to observe events of order %s", implementation.plugin_name, order_id)
