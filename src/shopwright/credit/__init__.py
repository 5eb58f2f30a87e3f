"""Money that the shop itself keeps for people: store credit and gift cards, as double-entry accounts. Begin with `books.py` and `ledger.py`."""
