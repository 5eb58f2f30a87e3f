"""Saved views: filters that staff keep under a name, for themselves or for all, and open later.

Rules
- VIEW-1: each owner has views of their own, and all see those that are shared; where both have a name, the owner's own is opened;
- VIEW-2: a view holds nothing personal but the id of a buyer: one that looks for the end of a phone is refused, since nobody would erase it;
- VIEW-3: an owner has 100 views at most, and there are as many shared ones;
- VIEW-4: what a view shows is what a search for its filter finds at that moment, for whoever opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment, takes
from shopwright.flows.finding.looking import FoundOrders, find_orders
from shopwright.flows.finding.view_commands import RemoveView, SaveView, ViewCommand
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation
from shopwright.flows.trying import tried
from shopwright.members.actors import Actor, ActorKind
from shopwright.ports.storage import Changeset, Put
from shopwright.refusals import Refusal
from shopwright.wire.view_kinds import OrderViews, SavedView

MOST = 100
"""How many views an owner has at most."""

SHARED = "shared"
Views = tuple[SavedView, ...]


@takes(SaveView)
def save_view(ports: Ports, command: SaveView, *, at: datetime) -> Views | Refusal:
    """Keep a filter under a name; the owner's views as they stand then. Refused with `view_personal` or `views_exceeded`."""
    if command.wanted.phone_tail:
        return Refusal(
            "view_personal", "a view holds no part of a phone; search for it, and save the view without", {"field": "phone_tail"}
        )
    view = SavedView(name=command.name, wanted=command.wanted, within=command.within)

    def changed(views: Views) -> Views | Refusal:
        others = [it for it in views if it.name != view.name]
        if len(others) >= MOST:
            told = f"there are {len(others)} views, {MOST} are allowed; remove one first"
            return Refusal("views_exceeded", told, {"count": len(others), "allowed": MOST})
        return tuple(sorted([*others, view], key=lambda it: it.name))

    return _written(ports, command, changed, at=at)


@takes(RemoveView)
def remove_view(ports: Ports, command: RemoveView, *, at: datetime) -> Views | Refusal:
    """Forget a view; the owner's views as they stand then. Refused with `view_not_found`."""

    def changed(views: Views) -> Views | Refusal:
        others = tuple([it for it in views if it.name != command.name])
        return others if len(others) < len(views) else _not_found(command.name)

    return _written(ports, command, changed, at=at)


def views_of(ports: Ports, by: Actor) -> tuple[Views, Views]:
    """Somebody's own views, and the shared ones, each by name. Raises `InvalidValue` for a customer."""
    if getattr(by, "kind", ActorKind.CUSTOMER) is ActorKind.CUSTOMER:
        raise InvalidValue(f"expected `by` to be staff or the shop itself, got {by!r}; make it with staff(id)")
    stored = ports.storage.load_many(OrderViews, (_own(by), SHARED))
    mine, shared = (stored[id].value.views if id in stored else () for id in (_own(by), SHARED))
    return mine, shared


def open_view(ports: Ports, name: str, *, by: Actor, at: datetime, limit: int = 50, after: str = "") -> FoundOrders | Refusal:
    """A page of the orders that a view shows now. Refused with `view_not_found`. Raises what `find_orders` raises."""
    at = moment(at)
    mine, shared = views_of(ports, by)
    view = next((it for it in (*mine, *shared) if it.name == name), None)
    if view is None:
        return _not_found(name)
    wanted = view.wanted if view.within is None else evolve(view.wanted, placed_from=at - view.within)
    return find_orders(ports, wanted, by=by, limit=limit, after=after)


def _written(ports: Ports, command: ViewCommand, changed: Callable[[Views], Views | Refusal], *, at: datetime) -> Views | Refusal:
    owner = SHARED if command.shared else _own(command.by)
    op = operation(ports, command, owner)

    def attempt() -> Views | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(OrderViews, owner)
        before = () if stored is None else stored.value.views
        after = before if done else changed(before)
        if done or isinstance(after, Refusal):
            return after
        put = Put(owner, OrderViews(views=after), 0 if stored is None else stored.version)
        result = ports.storage.commit(Changeset(op, at, puts=(put,)))
        return result if isinstance(result, Refusal) else after

    return tried(ports.storage, attempt)


def _not_found(name: str) -> Refusal:
    return Refusal("view_not_found", f"there is no view {name!r}", {"view": name})


def _own(by: Actor) -> str:
    return fitted(f"of/{by.kind}/{by.id}")
