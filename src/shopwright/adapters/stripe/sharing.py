"""Money of a payment shared among the sellers of a platform (Stripe Connect): transfers from its charge, and what refunds take back of them.

Rules
- a share is one transfer per receiver, drawn on the charge of its payment (`source_transaction`); what is not transferred stays with the platform,
  and is its fee;
- the key of a share and the number of its part stand on each transfer: a repeat sends what is missing, and nothing twice, however late it comes;
- no more is shared than was captured and neither given back, on its way back nor shared: that is looked up before anything is sent;
- a refund takes back of each transfer the part that is refunded of what was left when it was made, rounded down; a full refund takes back all of it;
- a refund that failed takes nothing back, and what it took before counts for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from shopwright.adapters.stripe.amounts import to_wire
from shopwright.adapters.stripe.client import Answer, Ask, StripeClient
from shopwright.adapters.stripe.messages import KEY
from shopwright.adapters.stripe.standing import charge_of, metadata, word
from shopwright.payments.errors import GatewayKeyConflict, Indeterminate, InvalidRequest, InvalidState, NotFound
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals
from shopwright.payments.requests import Split

PART, BEFORE, FINISHED = "shopwright_part", "shopwright_before", "shopwright_shared_by"


@frozen
class Transfer:
    """Money that went to a seller, in units of the wire: `back` came back, `before` of the payment was given back when it was made."""

    id: str
    account: str
    amount: int
    back: int
    before: int
    key: str
    part: int


def shares(group: str) -> Ask:
    """The transfers of a payment."""
    return Ask("transfers.list", (), {"transfer_group": group})


def share(key: OperationKey, number: int, part: Split, *, account: str, charge: str, before: int) -> Ask:
    """Send one part to a seller."""
    params = {
        "amount": to_wire(part.amount),
        "currency": part.amount.currency.lower(),
        "destination": account,
        "source_transaction": charge,
        "metadata": {KEY: key.value, PART: str(number), BEFORE: str(before)},
        **({"description": part.memo} if part.memo else {}),
    }
    return Ask("transfers.create", (), params, f"{key}_part_{number}")


def finish(key: OperationKey, reference: str) -> Ask:
    """Note on a payment that the rest of it stays with the platform."""
    return Ask("payment_intents.update", (reference,), {"metadata": {FINISHED: key.value}}, f"{key}_finish")


def reverse(transfer: Transfer, amount: int) -> Ask:
    """Take a part of a transfer back; the key tells how much had come back before, so that nothing is taken twice."""
    return Ask("transfers.reversals.create", (transfer.id,), {"amount": amount}, f"{transfer.id}_back_{transfer.back}")


def group_of(intent: Answer) -> str:
    """The name of the group of a payment's transfers: the key that it was begun with, or the one that Stripe gives with the first of them where it
    was begun before its account was a platform.
    """
    own = charge_of(intent).get("transfer_group") or intent.get("transfer_group")
    return own if isinstance(own, str) else f"group_{word(intent, 'id')}"


def read(answer: Answer) -> Transfer:
    """A transfer of ours. Raises `Indeterminate` for what is none."""
    notes, amount, back = metadata(answer), answer.get("amount"), answer.get("amount_reversed")
    part, before = notes.get(PART, "0"), notes.get(BEFORE, "0")
    if type(amount) is not int or type(back) is not int or not 0 <= back <= amount or not (part.isdecimal() and before.isdecimal()):
        raise Indeterminate("a transfer of Stripe does not add up", raw_code="unreadable")
    return Transfer(word(answer, "id"), word(answer, "destination"), amount, back, int(before), notes.get(KEY, ""), int(part))


def taken_back(transfer: Transfer, totals: Totals) -> int:
    """What is still to be taken back of a transfer, now that so much of its payment went back."""
    whole = to_wire(totals.captured) - transfer.before
    gone = to_wire(totals.refunded) + to_wire(totals.pending_refund) - transfer.before
    if whole <= 0 or gone <= 0:
        return 0
    return max(0, transfer.amount * min(gone, whole) // whole - transfer.back)


def send(client: StripeClient, intent: Answer, totals: Totals, key: OperationKey, parts: Sequence[tuple[Split, str]], *, last: bool) -> None:
    """Send what was not sent yet of the parts (each with its account). Raises what `PaymentGateway.split` tells, before anything is sent.

    Raises `Indeterminate` where a part is refused and others were sent: the repeat sends the rest.
    """
    made = [read(each) for each in client.all(shares(group_of(intent)))]
    missing = _missing(made, key, parts)
    _demand_room(intent, totals, made, key, [part for part, _ in missing.values()])
    before = to_wire(totals.refunded) + to_wire(totals.pending_refund)
    sent = len(parts) - len(missing)
    for number, (part, account) in missing.items():
        try:
            client.told(share(key, number, part, account=account, charge=word(charge_of(intent), "id"), before=before))
        except (InvalidRequest, InvalidState) as error:
            if not sent:
                raise
            raise Indeterminate(f"{sent} of {len(parts)} parts were sent, and the next is refused: {error}", raw_code="shared_in_part") from None
        sent += 1
    if last and metadata(intent).get(FINISHED) != key.value:
        client.told(finish(key, word(intent, "id")))


def _missing(made: Sequence[Transfer], key: OperationKey, parts: Sequence[tuple[Split, str]]) -> Mapping[int, tuple[Split, str]]:
    """The parts that no transfer stands for. Raises `GatewayKeyConflict` where the key shared other ones."""
    wanted = dict(enumerate(parts, start=1))
    mine = {each.part: each for each in made if each.key == key.value}
    for number, each in mine.items():
        part = wanted.get(number)
        if part is None or (part[1], to_wire(part[0].amount)) != (each.account, each.amount):
            raise GatewayKeyConflict(f"{key} has shared this payment in other parts", raw_code="other_parts")
    return {number: part for number, part in wanted.items() if number not in mine}


def _demand_room(intent: Answer, totals: Totals, made: Sequence[Transfer], key: OperationKey, wanted: Iterable[Split]) -> None:
    asked = sum([to_wire(part.amount) for part in wanted])
    if not asked:
        return
    by = metadata(intent).get(FINISHED, key.value)
    if by != key.value:
        raise InvalidState("the rest of this payment was left with the platform; nothing more is shared of it", raw_code="finished")
    gone = to_wire(totals.refunded) + to_wire(totals.pending_refund) + to_wire(totals.charged_back)
    left = to_wire(totals.captured) - gone - sum([each.amount - each.back for each in made])
    if asked > left:
        raise InvalidState(f"cannot share {asked} of this payment; expected at most {max(0, left)} in its smallest units", raw_code="too_much")


def take_back(client: StripeClient, intent: Answer, totals: Totals) -> None:
    """Take back of every transfer what the refunds of its payment ask for by now.

    Raises `Indeterminate` (`not_taken_back`) where Stripe refuses that, as it does while a seller has too little there, after all that can be was:
    the next look tries again.
    """
    stuck: list[str] = []
    for each in [read(found) for found in client.all(shares(group_of(intent)))]:
        amount = taken_back(each, totals)
        if not amount:
            continue
        try:
            client.told(reverse(each, amount))
        except (InvalidRequest, InvalidState, NotFound, GatewayKeyConflict) as error:
            stuck.append(f"{amount} of transfer {each.id} from {each.account}: {error}")
    if stuck:
        raise Indeterminate(f"the buyer is refunded, and this cannot be taken back: {'; '.join(stuck)}", raw_code="not_taken_back")
