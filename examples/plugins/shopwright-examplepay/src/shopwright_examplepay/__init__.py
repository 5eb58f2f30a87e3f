"""ExamplePay for Shopwright: a payment gateway to copy from."""

from shopwright_examplepay.client import ExamplePay
from shopwright_examplepay.settings import Settings

__all__ = ["ExamplePay", "Settings"]
