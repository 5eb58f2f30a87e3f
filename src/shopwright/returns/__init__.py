"""Returns, claims, exchanges and reships: one kind of case for all that a customer is not content with. Read `states.py` first, then `case.py`."""
