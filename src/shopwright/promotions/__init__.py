"""What takes something off a price: coupons, their rules, and the quota that limits their uses."""

from __future__ import annotations

from shopwright.promotions.coupons import Coupon, check, coupon_key, discount, normalize_code, redeem

__all__ = ["Coupon", "check", "coupon_key", "discount", "normalize_code", "redeem"]
