"""A replay of real orders: the public record of a Brazilian marketplace (Olist), through the flows of a shop.

`source` reads the files, `oddities` finds what is not as it should be, `mapping` turns each order into commands, `timeline` sends
them in the order of their times, `report` tells what became of it. `docs/explanation/replaying-real-orders.md` has the reasons.
"""
