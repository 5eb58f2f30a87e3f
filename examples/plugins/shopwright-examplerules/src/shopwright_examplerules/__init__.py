"""A condition and an effect for Shopwright promotions, to copy from."""

from shopwright_examplerules.conditions import FromBrands
from shopwright_examplerules.effects import RoundDown

__all__ = ["FromBrands", "RoundDown"]
