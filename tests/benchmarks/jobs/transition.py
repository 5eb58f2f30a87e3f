"""One transition of the order machine: ours evolves the whole frozen order by an event, the peers set a state on an object.

The peers' machine is made from our table. All walk the longest way through it; objects and events are made before the clock starts.
"""

from __future__ import annotations

from typing import Any

from shopwright.members.actors import SYSTEM
from shopwright.orders import events as e
from shopwright.orders import evolve
from shopwright.orders.states import TRANSITIONS, OrderState
from tests.benchmarks import our_values, work
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, peer

WALK = (
    e.ReviewRequested(reasons=("total_above_limit",), at=work.AT),
    e.OrderSentBack(by=SYSTEM, note="the house number is missing", at=work.AT),
    e.OrderCorrected(by=SYSTEM, ship_to=our_values.ADDRESS, at=work.AT),
    e.OrderConfirmed(by=SYSTEM, rule="person", at=work.AT),
    e.OrderCompleted(by=SYSTEM, at=work.AT),
)
LAPS = 20


def rows(session: Session) -> list[Row]:
    """Two peers."""
    peers = {"transitions": lambda: Local("transitions", transitions()), "python-statemachine": lambda: Local("python-statemachine", statemachine())}
    return session.run(
        Race("transition", "order machine, one event", "µs", lambda: Local("ours", ours()), peers, check=1, expected=[["completed"], None])
    )


def ours() -> Bench:
    """A placed order and the events."""
    order = our_values.placed(0).order

    def run(turn: int) -> Any:
        now = order
        for _ in range(LAPS):
            now = order
            for event in WALK:
                now = evolve(now, event)
        return now

    return Bench(run=run, tell=lambda order: str(order.state), per=LAPS * len(WALK), clock=CPU)


def trigger(event: type) -> str:
    """What fires an event on a peer's machine."""
    return f"on_{event.__name__.lower()}"


TABLE = [(trigger(event), str(source), str(target)) for source, row in TRANSITIONS.items() for event, target in row.items()]
STEPS = [trigger(type(event)) for event in WALK]


def transitions() -> Bench:
    """A machine shared by all orders, without callbacks and without automatic triggers: its fastest form."""
    library = peer("transitions")
    states = [str(state) for state in OrderState]
    machine = library.Machine(model=None, states=states, transitions=[list(each) for each in TABLE], initial="placed", auto_transitions=False)

    class Model:
        state: str

    def prepare(turn: int) -> Any:
        order = Model()
        machine.add_model(order)
        return order, [getattr(order, step) for step in STEPS]

    def run(prepared: Any) -> Any:
        order, steps = prepared
        for _ in range(LAPS):
            order.state = "placed"
            for step in steps:
                step()
        machine.remove_model(order)
        return order

    return Bench(run=run, prepare=prepare, tell=lambda order: order.state, per=LAPS * len(WALK), clock=CPU)


def statemachine() -> Bench:
    """A machine per order, which is how the library means it."""
    library = peer("statemachine")
    states = {str(state): library.State(initial=state is OrderState.PLACED, final=not TRANSITIONS[state]) for state in OrderState}
    events: dict[str, Any] = {}
    for fired, source, target in TABLE:
        step = states[source].to(states[target])
        events[fired] = events[fired] | step if fired in events else step
    machine = type("OrderMachine", (library.StateMachine,), {**states, **events})

    def prepare(turn: int) -> Any:
        return machine()

    def run(order: Any) -> Any:
        for step in STEPS:
            getattr(order, step)()
        return order

    return Bench(run=run, prepare=prepare, tell=lambda order: order.current_state_value, per=len(WALK), clock=CPU)
