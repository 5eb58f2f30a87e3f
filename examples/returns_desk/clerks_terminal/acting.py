"""What each command does: one call of the returns desk of the shop, and what to show of its answer.

Rules
- the key of a command is made from the case and from how far it has come, so that a line that is sent twice is done once;
- a refusal is shown and changes nothing; money is shown before it moves, and moves after a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from clerks_terminal import telling, words
from clerks_terminal.mall import CLERK, LABEL, World
from clerks_terminal.telling import Ink
from clerks_terminal.words import Unreadable
from shopwright import Money, Order, Refusal, accepted
from shopwright.flows.exceptions import commands as x
from shopwright.flows.exceptions.looking import InboxFilter, OpenException
from shopwright.flows.returns import commands as c
from shopwright.flows.returns.looking import OpenCase
from shopwright.orders.lines import Bucket
from shopwright.ports.storage import Query
from shopwright.returns.case import Case, WaitsFor
from shopwright.returns.label_states import LabelState

Ask = Callable[[str], str]


class Clerk:
    """Does what is typed, and tells what came of it. `ask` gives the answer to a question."""

    def __init__(self, world: World, ink: Ink, ask: Ask) -> None:
        self.world, self.shop, self.ink, self.ask_back = world, world.shop, ink, ask
        self.refused = 0

    def do(self, line: str) -> Iterator[str]:
        """What there is to say to a line. Raises `Unreadable`, and what the library raises for misuse."""
        said = words.read(line)
        if not said:
            return iter(())
        told: Iterator[str] = getattr(self, f"do_{words.word(said[0]).name}")(said[1:])
        return told

    def do_help(self, said: list[str]) -> Iterator[str]:
        """All commands, or one of them."""
        if said:
            it = words.word(said[0])
            yield self.ink.bold(it.form)
            yield from (f"  {line}" for line in (it.about, *it.more.splitlines()))
            return
        yield "Cases are worked through from top to bottom of the list; `next` shows the oldest that waits for you."
        for it in words.WORDS:
            yield f"  {it.form:<50} {it.about}"
        yield "A case is named by its number in the list. Words may be cut short: `app 1`. Lines that begin with # are notes."

    def do_list(self, said: list[str]) -> Iterator[str]:
        """Open cases, or those of one kind."""
        which = said[0] if said else ""
        if which and which not in words.LISTS:
            raise Unreadable(f"expected one of {', '.join(words.LISTS)}, got {which!r}")
        numbers = {case.id: no for no, case in self._all()}
        if which == "closed":
            now = self.world.clock.now()
            gone = [OpenCase(case=case, age=now - case.opened_at, overdue=False) for _, case in self._all() if not case.open]
        else:
            gone = list(self.shop.returns.inbox(waits_for=WaitsFor(which) if which else None, limit=200).cases)
        return telling.table([(numbers[it.case.id], it) for it in gone], self.ink)

    def do_next(self, said: list[str]) -> Iterator[str]:
        """The oldest case that waits for the shop."""
        waiting = self.shop.returns.inbox(waits_for=WaitsFor.SHOP, limit=1).cases
        return self._shown(waiting[0].case) if waiting else iter(("nothing waits for you",))

    def do_show(self, said: list[str]) -> Iterator[str]:
        """All about a case."""
        return self._shown(self._case(said))

    def do_ask(self, said: list[str]) -> Iterator[str]:
        """Ask the customer for more."""
        case = self._case(said)
        return self._done(self.shop.returns.ask(c.AskForMore(**_about("ask", case), note=_text(said[1:], "what the customer is asked for"))))

    def do_approve(self, said: list[str]) -> Iterator[str]:
        """Grant something for each line."""
        case = self._case(said)
        return self._done(self.shop.returns.approve(c.ApproveCase(**_about("approve", case), granted=words.granted(case, said[1:]))))

    def do_reject(self, said: list[str]) -> Iterator[str]:
        """Grant nothing."""
        case = self._case(said)
        why = _text(said[1:2], "why, as a word that the customer is told")
        return self._done(self.shop.returns.reject(c.RejectCase(**_about("reject", case), why=why, note=" ".join(said[2:]))))

    def do_label(self, said: list[str]) -> Iterator[str]:
        """Book a label, and show it."""
        case = self._case(said)
        if case.label is None or case.label.state is not LabelState.BOOKED:
            answer = self.shop.returns.book_label(c.BookReturnLabel(**_about("label", case), wanted=LABEL))
            yield from self._done(answer)
            if isinstance(answer, Refusal):
                return
        for label in accepted(self.shop.returns.labels(case.id, by=CLERK)):
            yield from (f"    | {line}" for line in label.content.decode().splitlines())

    def do_void(self, said: list[str]) -> Iterator[str]:
        """Void the label."""
        case = self._case(said)
        return self._done(self.shop.returns.void_label(c.VoidReturnLabel(**_about("void", case))))

    def do_track(self, said: list[str]) -> Iterator[str]:
        """Ask the carrier."""
        case = self._case(said)
        return self._done(self.shop.returns.track(c.TrackReturn(**_about("track", case))))

    def do_receive(self, said: list[str]) -> Iterator[str]:
        """Goods are here."""
        case = self._case(said)
        return self._done(self.shop.returns.receive(c.ReceiveReturn(**_about("receive", case), units=words.units(said[1:]))))

    def do_miss(self, said: list[str]) -> Iterator[str]:
        """Goods will not come."""
        case = self._case(said)
        return self._done(self.shop.returns.miss(c.MissReturn(**_about("miss", case))))

    def do_inspect(self, said: list[str]) -> Iterator[str]:
        """Say how the goods are."""
        case = self._case(said)
        return self._done(self.shop.returns.inspect(c.InspectReturn(**_about("inspect", case), findings=words.findings(said[1:]))))

    def do_money(self, said: list[str]) -> Iterator[str]:
        """Show what resolving would pay."""
        case = self._case(said)
        return self._previewed(case, self._resolution(case, said))

    def do_resolve(self, said: list[str]) -> Iterator[str]:
        """Show the money, ask, and do it."""
        case = self._case(said)
        command = self._resolution(case, said)
        before = self.refused
        yield from self._previewed(case, command)
        if self.refused > before:
            return
        if self.ask_back("do it? yes or no").strip().lower() not in {"y", "yes"}:
            yield "left as it is"
            return
        yield from self._done(self.shop.returns.resolve(command))
        order = self._order(case)
        for payment in order.payments:
            paid, back = Money(payment.tender.amount, order.currency), Money(payment.refunded, order.currency)
            yield f"  {payment.tender.method}: {back} of {paid} has gone back"
        for note in accepted(self.shop.payments.credit_notes(order.id)):
            yield f"  credit note {note.number} of {Money(note.gross, note.currency)}: {note.reason}"

    def do_aside(self, said: list[str]) -> Iterator[str]:
        """Decide about goods that were kept aside."""
        case = self._case(said)
        if said[1:] not in (["restock"], ["write_off"]):
            raise Unreadable(f"expected restock or write_off, got {' '.join(said[1:]) or 'nothing'}")
        return self._done(self.shop.returns.end_quarantine(c.EndQuarantine(**_about("aside", case), restocked=said[1] == "restock")))

    def do_inbox(self, said: list[str]) -> Iterator[str]:
        """What is wrong with orders."""
        if said not in ([], ["mine"]):
            raise Unreadable(f"expected inbox, or inbox mine; got {' '.join(said)}")
        found = self.shop.exceptions.inbox(InboxFilter(owner=CLERK.id) if said else None, limit=200).exceptions
        return telling.inbox(found, self.ink) if found else iter(("nothing is wrong",))

    def do_take(self, said: list[str]) -> Iterator[str]:
        """Work on something from now on."""
        it = self._exception(said)
        return self._ended(it, self.shop.exceptions.assign(x.AssignException(**_of("take", it), owner_id=CLERK.id)), "is yours")

    def do_again(self, said: list[str]) -> Iterator[str]:
        """Deliver once more what was lost."""
        it = self._exception(said)
        order = accepted(self.shop.orders.get(it.order_id, by=CLERK))
        units = tuple((line.line_no, line.buckets.lost) for line in order.lines if line.buckets.lost)
        if not units:
            raise Unreadable(f"nothing of order {it.number} is lost; settle it another way")
        return self._ended(it, self.shop.exceptions.reship(x.ReshipUnits(**_of("again", it), units=units, source=Bucket.LOST)), "goes out once more")

    def do_settle(self, said: list[str]) -> Iterator[str]:
        """Say how something ended."""
        it, how = self._exception(said), words.how(said[1:])
        return self._ended(it, self.shop.exceptions.resolve(x.ResolveException(**_of("settle", it), how=how, note=" ".join(said[2:]))), "is settled")

    def _exception(self, said: list[str]) -> OpenException:
        named = said[0] if said else ""
        for it in self.shop.exceptions.inbox(limit=200).exceptions:
            if named == f"{it.number}/{it.exception}":
                return it
        raise Unreadable(f"expected a name from the inbox, such as 20260420-ABCDE-F/1; got {named or 'nothing'}")

    def _ended(self, it: OpenException, answer: Order | Refusal, what: str) -> Iterator[str]:
        if isinstance(answer, Refusal):
            return self._no(answer)
        return iter((self.ink.green(f"done: {it.number}/{it.exception} {what}"),))

    def _resolution(self, case: Case, said: list[str]) -> c.ResolveCase:
        return c.ResolveCase(**_about("resolve", case), outcomes=words.outcomes(case, said[1:]))

    def _previewed(self, case: Case, command: c.ResolveCase) -> Iterator[str]:
        preview = self.shop.returns.preview(command)
        if isinstance(preview, Refusal):
            return self._no(preview)
        return telling.money(preview, self._order(case), self.ink)

    def _done(self, answer: Case | Refusal) -> Iterator[str]:
        if isinstance(answer, Refusal):
            return self._no(answer)
        number = next(no for no, case in self._all() if case.id == answer.id)
        return iter((self.ink.green(f"done: case {number} is {answer.state.value}") + f"; next: {telling.due(answer)}",))

    def _no(self, refusal: Refusal) -> Iterator[str]:
        self.refused += 1
        return iter((telling.no(refusal, self.ink),))

    def _shown(self, case: Case) -> Iterator[str]:
        number = next(no for no, it in self._all() if it.id == case.id)
        history = [it.value for it in self.shop.returns.history(case.id)]
        notes = accepted(self.shop.returns.notes(case.id, by=CLERK))
        return telling.whole(number, case, self._order(case), notes, history, self.ink)

    def _order(self, case: Case) -> Order:
        return accepted(self.shop.orders.get(case.order_id, by=CLERK))

    def _all(self) -> list[tuple[int, Case]]:
        """Every case there is with its number, by when it was opened."""
        page = self.shop.returns.find(Query(Case, order_by="opened_at", limit=1_000))
        return [(no, stored.value) for no, stored in enumerate(page.items, 1)]

    def _case(self, said: list[str]) -> Case:
        named = said[0] if said else ""
        found = [case for no, case in self._all() if named in (str(no), case.number)]
        if not found:
            raise Unreadable(f"expected the number of a case, such as 1; got {named or 'nothing'}")
        return found[0]


def _about(verb: str, case: Case) -> dict[str, Any]:
    """The key, who asks, and the case: what all commands have."""
    return {"key": f"{verb} {case.id} {case.event_count}", "by": CLERK, "case_id": case.id}


def _of(verb: str, it: OpenException) -> dict[str, Any]:
    """The same for a command about what is wrong with an order."""
    return {"key": f"{verb} {it.order_id} {it.exception}", "by": CLERK, "order_id": it.order_id, "exception": it.exception}


def _text(said: list[str], what: str) -> str:
    if not said:
        raise Unreadable(f"say {what}")
    return " ".join(said)
