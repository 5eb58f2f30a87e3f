"""What the mall has, where it lies, which location ships what, and what it is worth.

Of the planner read `locations.py`, `plans.py` and `planning.py`; how it searches is in `weighing.py` and `searching.py`. Of stock on paper read
`stock_lots.py`, `movements.py`, `stock.py` and the verbs in `stockkeeping.py`; then `promising.py` and `valuing.py`.
"""

from shopwright.inventory.keys import place_key, stock_key
from shopwright.inventory.locations import Location, OnShelf, Rate
from shopwright.inventory.movements import Movement, MovementKind
from shopwright.inventory.places import Place, Places, Zone
from shopwright.inventory.planning import plan, reasons
from shopwright.inventory.plans import Costs, Part, Plan, Policy, Reason, Standing, Strategy, Wanted
from shopwright.inventory.promising import DueDate, Incoming, due_date_of, due_dates
from shopwright.inventory.stock import Keeping, Position, Promised, Stock, evolve, fold
from shopwright.inventory.stock_lots import StockLot
from shopwright.inventory.stockkeeping import Kept, adjust, count, damage, find, let_go, move_in, move_out, promise, receive, sell, take_back
from shopwright.inventory.valuing import Costing, Worth, valued

__all__ = [
    "Costing",
    "Costs",
    "DueDate",
    "Incoming",
    "Keeping",
    "Kept",
    "Location",
    "Movement",
    "MovementKind",
    "OnShelf",
    "Part",
    "Place",
    "Places",
    "Plan",
    "Policy",
    "Position",
    "Promised",
    "Rate",
    "Reason",
    "Standing",
    "Stock",
    "StockLot",
    "Strategy",
    "Wanted",
    "Worth",
    "Zone",
    "adjust",
    "count",
    "damage",
    "due_date_of",
    "due_dates",
    "evolve",
    "find",
    "fold",
    "let_go",
    "move_in",
    "move_out",
    "place_key",
    "plan",
    "promise",
    "reasons",
    "receive",
    "sell",
    "stock_key",
    "take_back",
    "valued",
]
