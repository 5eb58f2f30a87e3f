"""What a simulated Stripe keeps for customers: methods of payment, from the payment that saved them until they are detached.

Rules
- a method that is saved is charged for its customer alone, and no more once it was detached;
- who is absent proves nothing: a method that wants a proof of its owner is declined (`authentication_required`).
"""

from __future__ import annotations

from shopwright.adapters.stripe import simulated as s
from shopwright.adapters.stripe.books import Books
from shopwright.adapters.stripe.simulated import Conduct, Intent, Json, Method, No


class Wallets(Books):
    """The books of an account with its customers and their methods."""

    def new_customer(self, params: Json) -> Json:
        """Somebody to save methods for."""
        id = self.id("cus")
        self.customers.add(id)
        return {"id": id, "object": "customer", "livemode": False, "metadata": dict(params.get("metadata") or {})}

    def word(self, method: str, intent: Intent) -> str:
        """The word that a method behaves as: a test word of Stripe, or the one that a saved method was made from. Raises `No`."""
        saved = self.methods.get(method)
        if saved is None:
            return method
        if saved.customer is None or saved.customer != intent.customer:
            raise No(400, "payment_method_unexpected_state", "The PaymentMethod does not belong to the Customer.", param="payment_method")
        intent.saved = saved
        return saved.word

    def conduct(self, word: str, *, absent: bool) -> Conduct:
        """How a method behaves, while its buyer is there or is not."""
        how = s.conduct(word)
        return Conduct(decline="authentication_required") if absent and how.proof else how

    def keep(self, intent: Intent) -> None:
        """Save the method of a payment that was made, where that was asked for."""
        if intent.saves and intent.customer and intent.saved is None:
            intent.saved = Method(id=self.id("pm"), word=intent.method, customer=intent.customer)
            self.methods[intent.saved.id] = intent.saved

    def detach(self, id: str) -> Json:
        """Save a method no longer."""
        found = self.methods.get(id)
        if found is None:
            raise No(404, "resource_missing", f"No such PaymentMethod: '{id}'", param="payment_method")
        if found.customer is None:
            raise No(400, "payment_method_unexpected_state", "The payment method you provided is not attached to a customer.")
        found.customer = None
        return s.method_json(found)
