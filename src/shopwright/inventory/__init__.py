"""What the mall has, where it lies, and which location ships what.

Read `locations.py`, `plans.py` and `planning.py` for the planner; how it searches is in `weighing.py` and `searching.py`.
"""

from shopwright.inventory.keys import stock_key
from shopwright.inventory.locations import Location, OnShelf, Rate
from shopwright.inventory.planning import plan, reasons
from shopwright.inventory.plans import Costs, Part, Plan, Policy, Reason, Standing, Strategy, Wanted

__all__ = [
    "Costs",
    "Location",
    "OnShelf",
    "Part",
    "Plan",
    "Policy",
    "Rate",
    "Reason",
    "Standing",
    "Strategy",
    "Wanted",
    "plan",
    "reasons",
    "stock_key",
]
