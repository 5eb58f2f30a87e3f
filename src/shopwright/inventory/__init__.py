"""What the mall has in stock, counted in quotas."""

from __future__ import annotations

from shopwright.inventory.keys import stock_key

__all__ = ["stock_key"]
