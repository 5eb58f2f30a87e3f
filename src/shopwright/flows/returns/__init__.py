"""Goods that customers are not content with: cases, from the application to the resolution. Read `commands.py`, then `saving.py`."""
