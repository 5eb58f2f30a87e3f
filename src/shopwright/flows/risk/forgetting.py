"""Forget by what the payments of a person were linked: a part of their erasure.

Rules
- what is kept of their orders goes (`OrderLinks`), and so does all that these left on trails; a trail on which nothing is left goes too;
- what others left on the same trails stays, and so does what stands on a list, for who was kept out stays out;
- it goes order by order, before the key of the person is dropped: whoever crashed in between erases again, and goes on;
- rules that were switched off change nothing: what they left is forgotten too.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from attrs import evolve

from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.payments.risk.velocities import Link, Trail, trail_id
from shopwright.ports.storage import Changeset, Drop, Match, Operation, Put, Query, Stored, Where
from shopwright.wire.risk_kinds import OrderLinks


def forget_links(ports: Ports, buyer_ids: Collection[str], *, at: datetime) -> int:
    """Forget the links of these buyers; returns of how many orders there were some. Raises `VersionConflict` where others note too much meanwhile."""
    forgotten = 0
    for buyer_id in buyer_ids:
        where = (Where("buyer_id", Match.EQUAL, buyer_id),)
        while page := ports.storage.find(Query(OrderLinks, where=where, limit=100)).items:
            for stored in page:
                tried(ports.storage, partial(_forget, ports, stored.value.id, at=at))
            forgotten += len(page)
    return forgotten


def _forget(ports: Ports, order_id: str, *, at: datetime) -> None:
    stored = ports.storage.load(OrderLinks, order_id)
    if stored is None:
        return
    known = stored.value
    links = {*known.links, *((Link.CARD, card) for _, card in known.cards)}
    puts: list[Put] = []
    drops: list[Drop] = [Drop(OrderLinks, order_id)]
    for id, trail in sorted(ports.storage.load_many(Trail, sorted({trail_id(*link) for link in links})).items()):
        left = _without(trail, known)
        if not left.happenings:
            drops.append(Drop(Trail, id))
        elif left != trail.value:
            puts.append(Put(id, left, trail.version))
    op = Operation(f"risk/{order_id}/forget/{stored.version}", "forget")
    ports.storage.commit(Changeset(op, at, puts=tuple(puts), drops=tuple(drops)))


def _without(trail: Stored[Trail], known: OrderLinks) -> Trail:
    """The trail without what this order, and the coming of its buyer, left there."""
    mine = f"{known.id}/", f"referral/{known.buyer_id}"
    return evolve(trail.value, happenings=tuple([it for it in trail.value.happenings if not it.key.startswith(mine[0]) and it.key != mine[1]]))
