"""What a type checker knows about money and ids. Checked by `nox -s types`, never run."""

from decimal import Decimal
from typing import assert_type

from shopwright.ids import OrderId, Sku
from shopwright.money import Money, Rounding, allocate, total

price = Money.of("19.99", "EUR")
assert_type(price + price, Money)
assert_type(price * 3, Money)
assert_type(3 * price, Money)
assert_type(-price, Money)
assert_type(price < price * 2, bool)
assert_type(price.decimal, Decimal)
assert_type(price.share(1_000, Rounding.HALF_UP), Money)
assert_type(price.allocate((1, 1)), tuple[Money, ...])
assert_type(allocate(100, (1, 1)), tuple[int, ...])
assert_type(total([price], currency="EUR"), Money)

price.minor = 1  # type: ignore[misc]  # amounts do not change
price * 1.5  # type: ignore[operator]  # a float is never exact; share() takes basis points
price + 1  # type: ignore[operator]  # one what?
price.share(1_000)  # type: ignore[call-arg]  # rounding has a name


def order_of(id: OrderId) -> str:
    """A function that takes an order's id and nothing else."""
    return id


order_of(Sku("TEA"))  # type: ignore[arg-type]  # a sku is not an order
