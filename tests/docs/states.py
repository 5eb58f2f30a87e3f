"""The machines as a page with pictures, made from their tables. `python -m tests.docs.states` writes it to `docs/reference/states.md`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shopwright.loyalty import referrals
from shopwright.members import states as members
from shopwright.orders import states as orders
from shopwright.orders.standing import FulfillmentStanding, PaymentStanding, Standing
from shopwright.payments import states as payments
from shopwright.returns import label_states as labels
from shopwright.returns import states as returns
from shopwright.shipping import states as shipments
from tests.surroundings import ROOT

PAGE = ROOT / "docs" / "reference" / "states.md"
COMMAND = "python -m tests.docs.states"
Table = Mapping[StrEnum, Mapping[type, StrEnum]]

MACHINES: tuple[tuple[str, str, Table, tuple[StrEnum, ...]], ...] = (
    ("Order", "orders.states", orders.TRANSITIONS, (orders.OrderState.PLACED,)),
    ("Payment", "payments.states", payments.TRANSITIONS, (payments.PaymentState.DUE, payments.PaymentState.ON_DELIVERY)),
    ("Shipment", "shipping.states", shipments.TRANSITIONS, (shipments.ShipmentState.PLANNED,)),
    ("Case", "returns.states", returns.TRANSITIONS, (returns.CaseState.APPLIED,)),
    ("Return label", "returns.label_states", labels.TRANSITIONS, (labels.LabelState.ASKED,)),
    ("Member", "members.states", members.TRANSITIONS, (members.MemberState.ACTIVE,)),
    ("Referral", "loyalty.referrals", referrals.TRANSITIONS, (referrals.ReferralState.PENDING,)),
)
"""Each machine by its title and module, with its table and the states it begins in."""

HEAD = f"""\
# States

There are three small machines for orders: the order, each of its payments and each of its shipments; one for each case of goods that a
customer is not content with, and one for its return label; one for each member, and one for each referral. An event that a state does not list
leaves it as it is, so that history always replays; only verbs refuse. What the machines of an order mean together is [derived](#standings) and
never set. This page is made from the tables in the modules that it names, and from `orders/standing.py`, by `{COMMAND}`.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_machine(*machine) for machine in MACHINES) + _standings()


def _machine(title: str, module: str, table: Table, first: tuple[StrEnum, ...]) -> str:
    rows = [f"| `{state}` | `{event.__name__}` | `{target}` |" for state, targets in table.items() for event, target in targets.items()]
    ends = ", ".join(f"`{state}`" for state, targets in table.items() if not targets)
    told = f"Final: {ends}.\n\n" if ends else "No state is final: money may come back, or be taken back, at any time.\n\n"
    head = "| from | event | to |\n| --- | --- | --- |\n"
    return f"\n## {title}\n\nFrom `shopwright.{module}`. {told}{picture(table, first)}\n{head}" + "\n".join(rows) + "\n"


def picture(table: Table, first: tuple[StrEnum, ...]) -> str:
    """The machine as a Mermaid state diagram; events that lead from one state to the same other share an arrow."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in first)]
    for state, targets in table.items():
        for target in dict.fromkeys(targets.values()):
            events = "<br/>".join(event.__name__ for event, to in targets.items() if to is target)
            lines.append(f"    {state} --> {target}: {events}")
        if not targets:
            lines.append(f"    {state} --> [*]")
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def _standings() -> str:
    rows = (("Of the order", Standing), ("Of the money", PaymentStanding), ("Of the goods", FulfillmentStanding))
    head = "On each axis the first name whose condition holds is the one; the conditions are a table in `shopwright.orders.standing`."
    parts = [f"\n## Standings\n\n{head}\n"]
    parts += [f"\n{title}\n: {', '.join(f'`{name}`' for name in names)}\n" for title, names in rows]
    return "".join(parts)


def transitions() -> str:
    """Every transition of every machine, a line each, sorted: what is stored must replay, so lines are added and never changed."""
    return "".join(
        sorted(
            f"{title.lower()} {state} --{event.__name__}--> {target}\n"
            for title, _, table, _ in MACHINES
            for state, targets in table.items()
            for event, target in targets.items()
        )
    )


def reachable(table: Table, first: tuple[StrEnum, ...]) -> set[StrEnum]:
    """The states that events lead to from those a machine begins in."""
    found: set[StrEnum] = set()
    ahead = list(first)
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead += table[state].values()
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    GOLDEN = ROOT / "tests" / "golden" / "transitions.txt"
    GOLDEN.write_text(transitions(), encoding="utf-8")
    print(f"{PAGE.name} and {GOLDEN.name}: {len(MACHINES)} machines, {transitions().count('-->')} transitions")
