"""Addresses of orders, sealed for the store and opened for whoever brings the goods.

Rules
- an address is sealed for its buyer and its order: in the document or the events of another order it does not open;
- it is opened for a carrier that is asked, and for who may see the order (`shop.orders.address`); an order itself is never handed out opened;
- what a carrier says is kept without the personal parts of the address that it was told;
- orders that were placed before the shop had a vault keep their address as it is.
"""

from __future__ import annotations

import json
import re

from attrs import evolve

from shopwright.flows.ports import Ports
from shopwright.flows.vault.sealing import Box, box
from shopwright.members.addresses import Address
from shopwright.orders.order import Order
from shopwright.refusals import Refusal
from shopwright.shipping.parcels import Party
from shopwright.shipping.tracking import TrackEvent

_SHORTEST = 3
"""Shorter parts of a name are left where they stand: they are in too many other words."""


def sealed_address(theirs: Box, order_id: str, to: Address) -> Address:
    """The same place with what is personal sealed for this person and this order."""
    personal = json.dumps([to.name, to.lines, to.postcode, to.phone], ensure_ascii=False)
    return Address(name="", city=to.city, region=to.region, country=to.country, sealed=theirs.seal(_field(order_id), personal))


def opened_address(ports: Ports, order: Order) -> Address | Refusal:
    """Where an order goes, in full. Refused with `personal_data_erased`. Raises `VaultMissing`, `SealBroken` and `MasterKeyMissing`."""
    to = order.ship_to
    if to.sealed is None:
        return to
    content = box(ports, order.buyer_id).open(_field(order.id), to.sealed)
    if isinstance(content, Refusal):
        return content
    name, lines, postcode, phone = json.loads(content)
    return evolve(to, name=name, lines=tuple(lines), postcode=postcode, phone=phone, sealed=None)


def party(to: Address) -> Party:
    """The address as carriers take it. Raises `InvalidValue` for one that no carrier could take anything to."""
    return Party(name=to.name, lines=to.lines, city=to.city, region=to.region, postcode=to.postcode, country=to.country, phone=to.phone)


def without_personal(told: str, to: Address) -> str:
    """What somebody told, with `[sealed]` where parts of this address stood."""
    parts = {to.name, *to.name.split(), *to.lines, to.postcode, to.phone}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST:
            told = re.sub(re.escape(part), "[sealed]", told, flags=re.IGNORECASE)
    return told


def told_of_nobody(ports: Ports, order: Order, scans: tuple[TrackEvent, ...]) -> tuple[TrackEvent, ...]:
    """Scans in which the carrier names nobody: without the personal parts of the address, and without words once that was erased."""
    if not any(scan.text or scan.place for scan in scans):
        return scans
    to = opened_address(ports, order)
    if isinstance(to, Refusal):
        return tuple(evolve(scan, text="", place="") for scan in scans)
    return tuple(evolve(scan, text=without_personal(scan.text, to), place=without_personal(scan.place, to)) for scan in scans)


def _field(order_id: str) -> str:
    return f"order.ship_to/{order_id}"
