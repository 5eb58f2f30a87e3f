"""A tax engine for tests: a table behind the port, with a wire that can be cut and answers that can be bent.

engine = FakeTaxEngine(table)
shop = Shop(storage, taxes=EngineTaxes(engine=engine, policy=policy))
engine.strike(Trouble.NOT_SENT)           # the next request ends so
engine.bend(lambda answer: evolve(...))   # every answer from now on is changed on its way
engine.asked                              # the requests that reached it, in order
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from shopwright.adapters import troubles
from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import Indeterminate, Misconfigured
from shopwright.ports.tax import API_VERSION
from shopwright.pricing.tax import TaxRequest, assess
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_rates import TaxTable
from shopwright.refusals import Refusal

Answer = TaxAssessment | Refusal


class FakeTaxEngine:
    """Tells what a table of rates says. `name` is the name under which answers are kept; `locked_out` is an account that the engine refuses."""

    def __init__(self, table: TaxTable, *, name: str = "fake_tax") -> None:
        self.table, self._name = table, name
        self.asked: list[TaxRequest] = []
        self.deadlines: list[timedelta] = []
        self.locked_out = False
        self._troubles: list[Trouble] = []
        self._bent: Callable[[TaxAssessment], Answer] | None = None

    @property
    def name(self) -> str:
        """As it was made with."""
        return self._name

    @property
    def api_version(self) -> int:
        """The version of the port it is written with."""
        return API_VERSION

    def strike(self, *some: Trouble) -> None:
        """Let the next requests end in these troubles."""
        self._troubles += some

    def bend(self, change: Callable[[TaxAssessment], Answer]) -> None:
        """Change every answer on its way back."""
        self._bent = change

    def assess(self, request: TaxRequest, *, deadline: timedelta) -> Answer:
        """What the table says of it; no answer where no time is left for one."""
        self.deadlines.append(deadline)
        trouble = self._troubles.pop(0) if self._troubles else None
        troubles.before(trouble)
        if self.locked_out:
            raise Misconfigured("the account is not known", raw_code="401")
        if deadline <= timedelta(0):
            raise Indeterminate("no answer within the deadline", raw_code="timeout")
        self.asked.append(request)
        answer = assess(request, self.table)
        troubles.after(trouble)
        return answer if self._bent is None or isinstance(answer, Refusal) else self._bent(answer)
