"""The sources of tenders, which are tokens of providers and codes of cards: sealed for the store, opened for the gateway that is asked.

Rules
- with a vault a source is sealed for its buyer and its order, so that who has the database can charge nobody;
- it is opened to start its payment, and to count by which card somebody pays; never to be shown;
- once its buyer is erased it opens no more, and a payment that was not started by then is not started with it.
"""

from __future__ import annotations

from attrs import evolve

from shopwright.flows.ports import Ports
from shopwright.flows.vault.sealing import Box, box
from shopwright.members.sealing import Sealed
from shopwright.orders.order import Order
from shopwright.payments.payment import Tender
from shopwright.refusals import Refusal


def sealed_tenders(theirs: Box, order_id: str, tenders: tuple[Tender, ...]) -> tuple[Tender, ...]:
    """The same tenders with their sources sealed for this person and this order."""
    if not any(it.source for it in tenders):
        return tenders
    return tuple([_sealed(theirs, order_id, it) if it.source else it for it in tenders])


def _sealed(theirs: Box, order_id: str, tender: Tender) -> Tender:
    text = f"{tender.source}\n{tender.owner}" if tender.owner else tender.source
    return evolve(tender, source="", owner="", sealed_source=theirs.seal(_field(order_id), text).text)


def opened_source(ports: Ports, order: Order, tender: Tender) -> str | Refusal:
    """The source of a tender, empty where it has none. Refused with `personal_data_erased`. Raises as `opened_address` does."""
    found = opened_tender(ports, order, tender)
    return found if isinstance(found, Refusal) else found[0]


def opened_tender(ports: Ports, order: Order, tender: Tender) -> tuple[str, str] | Refusal:
    """The source of a tender and whose it is at the provider, empty where there is none. Refused with `personal_data_erased`. Raises as
    `opened_address` does.
    """
    if not tender.sealed_source:
        return tender.source, tender.owner
    text = box(ports, order.buyer_id).open(_field(order.id), Sealed(tender.sealed_source))
    if isinstance(text, Refusal):
        return text
    source, _, owner = text.partition("\n")
    return source, owner


def _field(order_id: str) -> str:
    return f"order.tender/{order_id}"
