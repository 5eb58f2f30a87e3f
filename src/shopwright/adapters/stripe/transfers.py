"""What a simulated Stripe keeps of money that went to a seller, and how it looks in an answer."""

from __future__ import annotations

from attrs import define

from shopwright.adapters.stripe.simulated import Intent, Json


@define(kw_only=True)
class Transfer:
    """Money that went to a seller."""

    id: str
    created: int
    amount: int
    intent: Intent
    destination: str
    metadata: dict[str, str]
    back: int = 0


def transfer_json(transfer: Transfer) -> Json:
    """A transfer."""
    charge = transfer.intent.charge
    return {
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.amount,
        "amount_reversed": transfer.back,
        "created": transfer.created,
        "currency": transfer.intent.currency,
        "destination": transfer.destination,
        "livemode": False,
        "metadata": dict(transfer.metadata),
        "reversed": transfer.back == transfer.amount,
        "source_transaction": None if charge is None else charge.id,
        "transfer_group": transfer.intent.group or f"group_{transfer.intent.id}",
    }
