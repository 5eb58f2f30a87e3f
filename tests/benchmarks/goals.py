"""The floors: what each ratio must reach, and why that much.

Rules
- keyed by job, peer and scale, as they stand in the rows; a row without a goal is there to be read;
- a ratio above 1 means that we are faster, also where the unit is a time;
- a goal is raised when the code has earned it; it is lowered only with a reason written here.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Goal:
    """The floor of a ratio and the reason for it."""

    ratio: float
    why: str


MONEY = "exact money must not cost more than decimals do; prices checks nothing, while we keep amounts within 64 bits"
PENNIES = "a mall splits discounts, shipping and refunds all day, to the penny"
SAME = "values, refusals, plug-ins and one port for all stores may cost a part of what one command costs that was written by hand, not a multiple"
NAIVE = "who comes from a statement per row must gain by coming, whether all these facts were kept there or fewer"
ORM = "the usual way must lose clearly, or nobody has a reason to leave it; both wait for the same fsync, which hides most of the difference"
OSCAR = "the usual shop in Python: load, price and write what it does, in a hundredth of its time"
CODEC = "what we check when reading and writing must not make us slower than the converter we build on, on the same JSON library"
OVERHEAD = (
    "the library's own time per order, in multiples of what no library of this kind can do without: 1/7 says at most 7 times. On orjson the same "
    "row has no goal: less time is spent there in all, but encoding shrinks to a third of its time and every multiple of it grows"
)
RULES = "a cart is asked about every coupon of a mall, each time it is looked at; an engine in Rust is handed the cart anew for each of them"
APPLICATOR = "offers are looked up by what a basket has in it, and not by a query for each offer and line"
COUPON = "both keep the coupons in memory: who can tell what a coupon could give at most need not try them all"
GROWTH = "a basket pays for the promotions that can apply, and not for those that exist"
LINES = "a line of a long basket costs no more than the line of a short one"
TRACE = "who asks what a price is made of pays for the words, and not for a second price: at most twice what the amounts alone cost"
PLANNED = "an order waits for its plan: a search that knows what parcels are must beat a solver that knows nothing, with the same proof"
HOT = "a flash sale must not collapse: the hot sku is locked last, so its writers wait for a commit and not for a whole order"
FIRST = "on a slow disk one row is sold at one unit per write of the disk; who lets go of it before must sell a multiple"
BATCHES = "a flash sale waits for the disk once for many: even with both processors busy it must leave the row by row way behind"
COMMITTER = "3,000 orders a second were asked of one PostgreSQL: a matter of the machine, which two processors and a local disk should give"
FIFO = "points are spent all day, and a lot is found again where it stands; whoever books at cost asks of every posting what it may be"
FLAT = "a balance is read from what is open, whatever was before; the band is for the noise of reads that take a tenth of a millisecond"
LEDGER = "lots, repeats without harm and a balance that needs no cache must not cost more than events of an aggregate do"
STREAM = "a member is looked at and forgotten: a million take as long each, and as much memory in all, as ten thousand"

SQLITE, SQLITE_NORMAL, POSTGRES = "SQLite, FULL, 5 lines", "SQLite, NORMAL, 5 lines", "PostgreSQL, FULL, 5 lines"
BY_HAND, BY_HAND_NAIVE, FEWER_FACTS = "SQL by hand, same strategy", "SQL by hand, naive", "SQL by hand, naive, fewer facts"

GOALS: dict[tuple[str, str, str], Goal] = {
    ("import", "attrs", "fresh process, warm bytecode"): Goal(1 / 2.3, "a worker must not wait for a mall: at most 2.3 times the one dependency"),
    ("money add", "py-moneyed", "one sum"): Goal(1.0, MONEY),
    ("money add", "prices", "one sum"): Goal(0.8, MONEY),
    ("money multiply", "py-moneyed", "by a whole number"): Goal(1.0, MONEY),
    ("money multiply", "prices", "by a whole number"): Goal(0.8, MONEY),
    ("money allocate", "py-moneyed", "5 lines"): Goal(2.0, PENNIES),
    ("money allocate", "prices", "5 lines"): Goal(2.0, PENNIES),
    ("transition", "transitions", "order machine, one event"): Goal(5.0, "a table and a frozen value against objects with bound triggers"),
    ("transition", "python-statemachine", "order machine, one event"): Goal(20.0, "a table and a frozen value against an engine per order"),
    ("promotion conditions", "zen-engine", "100 trees on a cart, one tree"): Goal(3.0, RULES),
    ("promotion conditions", "json-logic", "100 trees on a cart, one tree"): Goal(10.0, RULES),
    ("promotion conditions", "business-rules", "100 trees on a cart, one tree"): Goal(10.0, RULES),
    ("promotions, an offer per product", "django-oscar", "50 lines, 100 offers"): Goal(1_000, APPLICATOR),
    ("promotions, best coupon", "flexcommerce-discounts", "20 lines, 100 coupons"): Goal(20.0, COUPON),
    ("promotions, growth", "ours, 100 promotions", "20 lines, 10,000 promotions of which 20 can apply"): Goal(1 / 1.5, GROWTH),
    ("promotions, growth", "ours, 1 line", "50 lines, 100 promotions, per line"): Goal(
        1.0, "a line of a long basket costs no more than the one of a short"
    ),
    ("promotions, the trace", "ours, amounts alone", "20 lines, 100 promotions, a price"): Goal(1 / 2, TRACE),
    ("promotions, the trace", "ours, amounts alone", "20 lines, 100 promotions, every reason"): Goal(1 / 2, TRACE),
    ("promotions, the trace", "ours, amounts alone", "20 lines, 100 promotions, both"): Goal(1 / 2, TRACE),
    ("promotions, exact search", "every legal set by hand", "20 lines, 12 offers"): Goal(1.0, "a proof must not cost more than trying every set"),
    ("encode order", "cattrs on stdlib json", "5 lines, stdlib json"): Goal(1.0, CODEC),
    ("decode order", "cattrs on stdlib json", "5 lines, stdlib json"): Goal(1.0, CODEC),
    ("encode order", "cattrs on orjson", "5 lines, orjson"): Goal(1.0, CODEC),
    ("decode order", "cattrs on orjson", "5 lines, orjson"): Goal(1.0, CODEC),
    ("points, first in first out", "beancount", "100 members x 20 lots and 10 redemptions, one of them"): Goal(5.0, FIFO),
    ("points, first in first out", "beancount", "10 members x 200 lots and 100 redemptions, one of them"): Goal(5.0, FIFO),
    ("points, first in first out", "beancount", "2 members x 1,000 lots and 500 redemptions, one of them"): Goal(5.0, FIFO),
    ("points, balance", "ours, 10,000 past entries", "SQLite, 1,000,000 past entries"): Goal(1 / 1.25, FLAT),
    ("points, balance", "ours, 10 past entries", "SQLite, 1,000,000 past entries"): Goal(1 / 1.25, FLAT),
    ("points, posting", "eventsourcing", "SQLite, FULL, 1 entry per commit"): Goal(1.0, LEDGER),
    ("points, posting", "eventsourcing", "SQLite, FULL, 100 entries per commit"): Goal(1.0, LEDGER),
    ("points, posting", "eventsourcing", "SQLite, NORMAL, 1 entry per commit"): Goal(1.0, LEDGER),
    ("points, posting", "eventsourcing", "SQLite, NORMAL, 100 entries per commit"): Goal(1.0, LEDGER),
    ("tiers in a batch", "ours, 10,000 members", "1,000,000 members, one of them"): Goal(0.75, STREAM),
    ("tiers in a batch", "ours, 10,000 members", "1,000,000 members, peak memory"): Goal(0.9, STREAM),
    ("overhead of place-order", "encoding it with cattrs", "SQLite, 5 lines, stdlib json"): Goal(1 / 7, OVERHEAD),
    ("overhead of place-order", "encoding it with cattrs, between orders", "SQLite, 5 lines, stdlib json"): Goal(1 / 7, OVERHEAD),
    ("allocation", "scipy milp (HiGHS)", "1,000 orders, 50 locations, whole lines"): Goal(5.0, PLANNED),
    ("allocation", "scipy milp (HiGHS)", "1,000 orders, 50 locations, split lines"): Goal(5.0, PLANNED),
    ("place-order", BY_HAND, SQLITE): Goal(0.65, SAME),
    ("place-order", BY_HAND, POSTGRES): Goal(0.75, SAME),
    ("place-order", BY_HAND_NAIVE, POSTGRES): Goal(1.5, NAIVE),
    ("place-order", FEWER_FACTS, POSTGRES): Goal(1.5, NAIVE),
    ("place-order", "SQLAlchemy ORM", SQLITE): Goal(2.0, ORM),
    ("place-order", "Django ORM", SQLITE): Goal(2.0, ORM),
    ("place-order", "SQLAlchemy ORM", POSTGRES): Goal(2.0, ORM),
    ("place-order", "Django ORM", POSTGRES): Goal(2.0, ORM),
    ("place-order", "django-oscar", "SQLite, FULL, 5 lines, round prices"): Goal(100.0, OSCAR),
    ("place-order", "django-oscar", "SQLite, FULL, 5 lines, round prices, 100 live offers"): Goal(100.0, OSCAR),
    ("place-order", "django-oscar", "PostgreSQL, FULL, 5 lines, round prices"): Goal(50.0, OSCAR),
    ("rest of life", BY_HAND, SQLITE): Goal(0.6, SAME),
    ("rest of life", BY_HAND, POSTGRES): Goal(0.6, SAME),
    ("hot sku", "ours, uniform skus", "PostgreSQL, 4 writers"): Goal(0.7, HOT),
    ("hot sku held first, commits of 8 ms", "conditional UPDATE", "PostgreSQL, 16 writers"): Goal(3.0, FIRST),
    ("hot sku in batches", "conditional UPDATE, 16 writers", "PostgreSQL, 2 processes of 128 threads"): Goal(2.0, BATCHES),
    ("hot sku in batches, orders decided before", "the rate that was asked for", "PostgreSQL, 2 processes of 128 threads"): Goal(1.0, COMMITTER),
    ("hot sku", "ours, 4 writers", "PostgreSQL, 16 writers"): Goal(0.5, "more writers than cores must not stop the sale"),
}
