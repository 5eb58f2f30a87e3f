"""ExamplePost for Shopwright: a carrier to copy from."""

from shopwright_examplepost.client import ExamplePost
from shopwright_examplepost.settings import Settings

__all__ = ["ExamplePost", "Settings"]
