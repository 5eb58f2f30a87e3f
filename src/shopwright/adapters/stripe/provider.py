"""The other side, in memory: what a Stripe that nobody pays real money to would answer. `simulator` puts it behind a port of this machine.

Rules
- an authorization lapses after `auth_ttl`; a session is open until its time is over, its buyer has paid, or it is closed;
- what is released of an authorization shows as a refund without a booking, as it does on real charges.
"""

from __future__ import annotations

from typing import Any

from shopwright.adapters.stripe import simulated as s
from shopwright.adapters.stripe.books import Moved
from shopwright.adapters.stripe.connected import Connected
from shopwright.adapters.stripe.simulated import Charge, Conduct, Dispute, Intent, Json, No, Refund, Session
from shopwright.payments.notifications import EventKind

K = EventKind
UNPAID = frozenset({"requires_action", "requires_payment_method", "requires_confirmation", "processing"})


class SimulatedStripe(Connected):
    """The truth about one account, and what can be done with it. Safe to share between threads; `clock` is its time."""

    def create_intent(self, params: Json) -> Intent:
        """A payment, confirmed where that was asked for."""
        amount = _positive(params["amount"])
        options = (params.get("payment_method_options") or {}).get("card") or {}
        intent = Intent(
            id=self.id("pi"),
            created=self.now,
            amount=amount,
            currency=str(params["currency"]),
            status="requires_payment_method",
            manual=params.get("capture_method") == "manual",
            metadata=dict(params.get("metadata") or {}),
            customer=params.get("customer"),
            saves=params.get("setup_future_usage"),
            in_parts=options.get("request_multicapture") == "if_available",
            group=params.get("transfer_group"),
            return_url=str(params.get("return_url") or ""),
        )
        method = str(params.get("payment_method") or "")
        word = self.word(method, intent)
        how = self.conduct(word, absent=params.get("off_session") == "true") if word else None
        self.intents[intent.id] = intent
        self.tell("payment_intent.created", s.intent_json(intent))
        if how is not None and params.get("confirm") == "true":
            self.confirm(intent, word, how, proof=options.get("request_three_d_secure") in {"any", "challenge"})
        return intent

    def confirm(self, intent: Intent, method: str, how: Conduct, *, proof: bool = False) -> None:
        """Try a method: it works, or wants a proof of its owner first, or takes its time. Raises `No` when the bank says no."""
        intent.method, intent.error = method, None
        if how.decline:
            intent.status, intent.error = "requires_payment_method", s.decline_error(how.decline)
            self.tell("payment_intent.payment_failed", s.intent_json(intent))
            raise No(402, **{**intent.error, "payment_intent": s.intent_json(intent)})
        if how.proof or proof:
            intent.status = "requires_action"
            self.tell("payment_intent.requires_action", s.intent_json(intent))
        elif how.slow:
            intent.status = "processing"
            self.tell("payment_intent.processing", s.intent_json(intent))
        else:
            self.hold(intent)

    def hold(self, intent: Intent) -> None:
        """The bank says yes: the money is held, and taken if that was asked for."""
        self.keep(intent)
        intent.charge = Charge(id=self.id("ch"), created=self.now, amount=intent.amount)
        how = s.CONDUCT.get(intent.method, Conduct())
        if how.review:
            intent.review_open = True
        intent.status = "requires_capture"
        if intent.manual:
            self.moved.append(Moved(K.AUTHORIZED, intent, intent.amount))
            self.tell("payment_intent.amount_capturable_updated", s.intent_json(intent))
        else:
            self.take(intent, intent.amount, final=True)
        if how.review:
            self.tell("review.opened", s.review_json(intent) or {})

    def take(self, intent: Intent, amount: int, *, final: bool) -> None:
        """Take held money; the rest is released with `final`."""
        charge = _charge(intent)
        charge.captured_amount += amount
        if final:
            self.release(intent)
        over = not intent.capturable
        self.book("charge", "charge", amount, fee=amount * 29 // 1_000 + 30, source=s.charge_json(intent), intent=intent)
        self.moved.append(Moved(K.CAPTURED, intent, amount))
        if over:
            intent.status = "succeeded"
            self.tell("charge.succeeded", s.charge_json(intent) or {})
        self.tell("payment_intent.succeeded" if over else "payment_intent.amount_capturable_updated", s.intent_json(intent))

    def release(self, intent: Intent) -> int:
        """Let go what is held and not taken."""
        rest, charge = intent.capturable, _charge(intent)
        if rest:
            charge.released += rest
            self.refunds.append(Refund(id=self.id("re"), created=self.now, amount=rest, intent=intent, status="succeeded"))
        return rest

    def capture(self, intent: Intent, params: Json) -> Intent:
        """What `capture` of the API does."""
        if intent.status != "requires_capture":
            raise self.unexpected(intent, "captured")
        amount = _positive(params.get("amount_to_capture", intent.capturable))
        final = params.get("final_capture") != "false"
        if amount > intent.capturable:
            raise No(400, "amount_too_large", "The amount to capture is greater than what is authorized.", param="amount_to_capture")
        if not final and not intent.in_parts:
            raise No(400, "parameter_unknown", "Multicapture is not available for this payment.", param="final_capture")
        if s.CONDUCT.get(intent.method, Conduct()).capture_declined:
            raise No(402, **s.decline_error("generic_decline"))
        intent.metadata |= params.get("metadata") or {}
        self.take(intent, amount, final=final)
        return intent

    def cancel(self, intent: Intent, *, why: str = "") -> Intent:
        """What `cancel` of the API does."""
        taken = intent.charge is not None and intent.charge.captured_amount
        if taken or intent.status not in UNPAID | {"requires_capture"}:
            raise self.unexpected(intent, "canceled")
        rest = self.release(intent) if intent.charge is not None else 0
        intent.status, intent.canceled_at, intent.why_canceled = "canceled", self.now, why or None
        self.moved.append(Moved(K.VOIDED, intent, rest))
        self.tell("payment_intent.canceled", s.intent_json(intent))
        return intent

    def refund(self, params: Json) -> Refund:
        """What the creation of a refund does."""
        intent = self.intent(str(params.get("payment_intent")))
        charge = intent.charge
        if charge is None or not charge.captured_amount:
            raise No(400, "", "This PaymentIntent does not have a successful charge to refund.")
        left = charge.captured_amount - charge.given_back
        amount = _positive(params.get("amount", left))
        if not left:
            raise No(400, "charge_already_refunded", "The charge has already been refunded.")
        if amount > left:
            raise No(400, "", f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
        if charge.disputed:
            raise No(400, "charge_disputed", "The charge has been charged back.")
        how = s.CONDUCT.get(intent.method, Conduct()).refund
        notes = dict(params.get("metadata") or {})
        found = Refund(id=self.id("re"), created=self.now, amount=amount, intent=intent, status="pending", metadata=notes, fails=how == "fails")
        self.refunds.append(found)
        charge.given_back += amount
        if how != "slow":
            self.give_back(found)
        self.tell("refund.created", s.refund_json(found))
        self.tell("charge.refunded", s.charge_json(intent) or {})
        return found

    def give_back(self, refund: Refund) -> None:
        """A refund arrives."""
        refund.status = "succeeded"
        refund.booking = self.book("refund", "refund", -refund.amount, fee=0, source=s.refund_json(refund), intent=refund.intent)
        self.moved.append(Moved(K.REFUNDED, refund.intent, refund.amount))

    def fail_refund(self, refund: Refund) -> None:
        """A refund comes back, though it had arrived."""
        refund.status, refund.fails = "failed", False
        _charge(refund.intent).given_back -= refund.amount
        self.book("refund_failure", "refund_failure", refund.amount, fee=0, source=s.refund_json(refund), intent=refund.intent)
        self.moved.append(Moved(K.REFUND_FAILED, refund.intent, refund.amount))
        self.tell("refund.failed", s.refund_json(refund), before={"status": "succeeded"})

    def inquire(self, intent: Intent, *, reason: str = "unrecognized") -> Dispute:
        """The buyer asks the bank what it was for; no money moves."""
        charge = _charge(intent)
        charge.disputed = True
        amount = charge.captured_amount - charge.given_back
        found = Dispute(id=self.id("du"), created=self.now, amount=amount, intent=intent, status="warning_needs_response", reason=reason)
        self.disputes.append(found)
        self.tell("charge.dispute.created", s.dispute_json(found))
        return found

    def dispute(self, intent: Intent, *, reason: str = "fraudulent") -> Dispute:
        """The buyer has the bank take the money back."""
        charge = _charge(intent)
        charge.disputed = True
        found = Dispute(id=self.id("du"), created=self.now, amount=charge.captured_amount - charge.given_back, intent=intent, reason=reason)
        self.disputes.append(found)
        self.book("adjustment", "dispute", -found.amount, fee=1_500, source=s.dispute_json(found), intent=intent)
        self.moved.append(Moved(K.CHARGED_BACK, intent, found.amount))
        self.tell("charge.dispute.created", s.dispute_json(found))
        self.tell("charge.dispute.funds_withdrawn", s.dispute_json(found))
        return found

    def dispute_of(self, id: str) -> Dispute:
        """The dispute of this id."""
        found = next((each for each in self.disputes if each.id == id), None)
        if found is None:
            raise No(404, "resource_missing", f"No such dispute: '{id}'", param="dispute")
        return found

    def answer_dispute(self, dispute: Dispute, params: Json) -> Dispute:
        """The shop gives evidence."""
        if dispute.status not in {"needs_response", "warning_needs_response"}:
            raise No(400, "", "This dispute is already closed or under review.")
        dispute.evidence |= {name: str(value) for name, value in (params.get("evidence") or {}).items()}
        if params.get("submit", "true") == "true":
            dispute.submitted += 1
            dispute.status = "warning_under_review" if dispute.status.startswith("warning") else "under_review"
        self.tell("charge.dispute.updated", s.dispute_json(dispute))
        return dispute

    def accept_dispute(self, dispute: Dispute) -> Dispute:
        """The shop gives up."""
        if dispute.status in {"won", "lost", "warning_closed"}:
            raise No(400, "", "This dispute is already closed.")
        self.lose(dispute)
        return dispute

    def lose(self, dispute: Dispute) -> None:
        """The bank finds for the buyer, or the shop gives up; nobody pursues an inquiry."""
        dispute.status = "warning_closed" if dispute.status.startswith("warning") else "lost"
        self.tell("charge.dispute.closed", s.dispute_json(dispute))

    def win(self, dispute: Dispute) -> None:
        """The bank finds for the shop."""
        dispute.status = "won"
        self.book("adjustment", "dispute_reversal", dispute.amount, fee=0, source=s.dispute_json(dispute), intent=dispute.intent)
        self.moved.append(Moved(K.CHARGEBACK_REVERSED, dispute.intent, dispute.amount))
        self.tell("charge.dispute.closed", s.dispute_json(dispute))
        self.tell("charge.dispute.funds_reinstated", s.dispute_json(dispute))

    def close_review(self, intent: Intent) -> None:
        """Somebody at the desk clears a doubt."""
        intent.review_open = False
        self.tell("review.closed", s.review_json(intent) or {})

    def open_session(self, params: Json) -> Session:
        """A page, or a form in the page of the shop."""
        item = params["line_items"]["0"]
        price, ends = item["price_data"], int(params.get("expires_at") or self.now + 86_400)
        if not self.now + 1_800 <= ends <= self.now + 86_400:
            raise No(400, "parameter_invalid", "expires_at is between 30 minutes and 24 hours from now", param="expires_at")
        elements = params.get("ui_mode") == "elements"
        if not params.get("return_url" if elements else "success_url"):
            raise No(400, "parameter_missing", "the buyer has nowhere to go back to", param="return_url" if elements else "success_url")
        session = Session(
            id=self.id("cs_test"),
            created=self.now,
            amount=_positive(price["unit_amount"]) * int(item["quantity"]),
            currency=str(price["currency"]),
            expires_at=ends,
            metadata=dict(params.get("metadata") or {}),
            intent_data=dict(params.get("payment_intent_data") or {}),
            key=str(params.get("client_reference_id") or ""),
            address=self.address,
            elements=elements,
        )
        self.sessions[session.id] = session
        return session

    def approve(self, reference: str, method: str = "pm_card_visa") -> bool:
        """The buyer does what is asked for: pays on the page with this method, or proves who they are. Whether that did anything."""
        with self.lock:
            session = self.sessions.get(reference)
            if session is None:
                intent = self.intents.get(reference)
                if intent is None or intent.status != "requires_action":
                    return False
                self.hold(intent)
                return True
            self.lapse(session)
            return session.status == "open" and self._pay_page(session, method)

    def _pay_page(self, session: Session, method: str) -> bool:
        data = session.intent_data
        if session.intent is None:
            session.intent = self.create_intent({**data, "amount": session.amount, "currency": session.currency})
        try:
            self.confirm(session.intent, method, s.conduct(method))
        except No:
            return False
        session.status = "complete"
        self.tell("checkout.session.completed", s.session_json(session))
        return True

    def give_up(self, reference: str) -> bool:
        """The buyer does not want to pay any more; whether that did anything."""
        with self.lock:
            session, intent = self.sessions.get(reference), self.intents.get(reference)
            if session is not None and session.status == "open":
                self.expire(session)
                return True
            if intent is not None and intent.status == "requires_action":
                self.cancel(intent, why="abandoned")
                return True
            return False

    def expire(self, session: Session) -> Session:
        """Close a page that is open."""
        if session.status != "open":
            raise No(400, "", f"Only Checkout Sessions with a status of open can be expired; this one is {session.status}.")
        session.status = "expired"
        if session.intent is not None:
            self.cancel(session.intent, why="automatic")
        self.tell("checkout.session.expired", s.session_json(session))
        return session

    def ripen(self) -> None:
        """Let everything happen that is on its way."""
        with self.lock:
            for intent in [each for each in self.intents.values() if each.status == "processing"]:
                self.hold(intent)
            for refund in [each for each in self.refunds if each.status == "pending"]:
                self.give_back(refund)
                self.tell("refund.updated", s.refund_json(refund), before={"status": "pending"})
            for refund in [each for each in self.refunds if each.fails and each.status == "succeeded"]:
                self.fail_refund(refund)
            for intent in self.intents.values():
                if s.CONDUCT.get(intent.method, Conduct()).dispute and intent.status == "succeeded" and not _charge(intent).disputed:
                    self.dispute(intent)

    def intent(self, reference: str) -> Intent:
        """A payment, after what time alone has done to it."""
        found = self.intents.get(reference)
        if found is None:
            raise No(404, "resource_missing", f"No such payment_intent: '{reference}'", param="intent")
        untaken = found.charge is not None and found.status == "requires_capture"
        if untaken and self.now > _charge(found).created + self.auth_ttl.total_seconds():
            if _charge(found).captured_amount:
                self.moved.append(Moved(K.VOIDED, found, self.release(found)))
                found.status = "succeeded"
            else:
                self.cancel(found, why="automatic")
        return found

    def session(self, reference: str) -> Session:
        """A page, after what time alone has done to it."""
        found = self.sessions.get(reference)
        if found is None:
            raise No(404, "resource_missing", f"No such checkout.session: {reference}", param="session")
        self.lapse(found)
        return found

    def pages(self, status: str | None) -> list[Session]:
        """The pages in this state, or all of them."""
        found = [self.session(reference) for reference in self.sessions]
        return [each for each in found if status in {None, each.status}]

    def lapse(self, session: Session) -> None:
        """A page whose time is over is closed."""
        if session.status == "open" and self.now >= session.expires_at:
            self.expire(session)

    def unexpected(self, intent: Intent, verb: str) -> No:
        """The error for a payment that is not in the right state."""
        message = f"This PaymentIntent could not be {verb} because it has a status of {intent.status}."
        return No(400, "payment_intent_unexpected_state", message, payment_intent=s.intent_json(intent))


def _charge(intent: Intent) -> Charge:
    assert intent.charge is not None, "only a payment that was authorized is asked for its charge"
    return intent.charge


def _positive(text: Any) -> int:
    amount = int(text)
    if amount < 1:
        raise No(400, "parameter_invalid_integer", "This value must be greater than or equal to 1.", param="amount")
    return amount
