"""What a simulated Stripe sends from the charges of a platform to the accounts of its sellers, and takes back.

Rules
- a transfer is drawn on a charge: no more is drawn on one than it took, whatever came back meanwhile;
- no more of a transfer comes back than was sent.
"""

from __future__ import annotations

from shopwright.adapters.stripe.simulated import Intent, Json, No
from shopwright.adapters.stripe.transfers import Transfer, transfer_json
from shopwright.adapters.stripe.wallets import Wallets


class Connected(Wallets):
    """The books of a platform with what went to its sellers. `strangers` are accounts that no money can be sent to, `poor` those with none left."""

    def transfer(self, params: Json) -> Transfer:
        """Send a part of a charge to a seller."""
        amount, account = int(params["amount"]), str(params["destination"])
        intent = next((it for it in self.intents.values() if it.charge is not None and it.charge.id == params["source_transaction"]), None)
        if intent is None or intent.charge is None:
            raise No(404, "resource_missing", "No such charge", param="source_transaction")
        if not account.startswith("acct_") or account in self.strangers:
            raise No(400, "resource_missing", f"No such destination: '{account}'", param="destination")
        if amount < 1 or params["currency"] != intent.currency:
            raise No(400, "parameter_invalid", "The transfer does not fit its source.", param="amount")
        if amount > intent.charge.captured_amount - sum(it.amount for it in self.transfers if it.intent is intent):
            raise No(400, "", "The source transaction has not enough funds left for this transfer.", param="amount")
        notes = dict(params.get("metadata") or {})
        made = Transfer(id=self.id("tr"), created=self.now, amount=amount, intent=intent, destination=account, metadata=notes)
        self.transfers.append(made)
        self.book("transfer", "transfer", -amount, fee=0, source=transfer_json(made), intent=intent)
        return made

    def reverse(self, id: str, params: Json) -> Json:
        """Take a part of a transfer back."""
        found = next((each for each in self.transfers if each.id == id), None)
        if found is None:
            raise No(404, "resource_missing", f"No such transfer: '{id}'", param="id")
        amount = int(params["amount"])
        if found.destination in self.poor:
            raise No(400, "balance_insufficient", "The account has insufficient funds to reverse this transfer.")
        if not 0 < amount <= found.amount - found.back:
            raise No(400, "", "No more of a transfer is reversed than was sent.", param="amount")
        found.back += amount
        self.book("transfer_refund", "transfer_reversal", amount, fee=0, source=transfer_json(found), intent=found.intent)
        return {"id": self.id("trr"), "object": "transfer_reversal", "amount": amount, "created": self.now, "transfer": id}

    def note(self, intent: Intent, params: Json) -> Intent:
        """Write notes on a payment."""
        intent.metadata |= params.get("metadata") or {}
        return intent

    def sent(self, group: str | None) -> list[Json]:
        """The transfers of a group, or all of them."""
        rows = [transfer_json(each) for each in self.transfers]
        return [row for row in rows if group in {None, row["transfer_group"]}]
