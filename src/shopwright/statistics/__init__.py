"""What a shop counts: orders, sales, arrivals, returns and visits, by day and by what they belong to. Read `tallies.py` first, then `sales.py`."""
