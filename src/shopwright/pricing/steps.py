"""The steps of a price, each a pure function, in the order in which they are taken: `STEPS` is the whole recipe.

Rules
- a step reads the sheet and what each line amounts to so far, and answers with one trace entry or several, or with a refusal that ends it all;
- a step never changes what an earlier one said, and no line ever amounts to less than zero;
- amounts are whole minor units in the cart's one currency; what is split is split by `allocate`, what is rounded names its policy.

Refusals: those of `shopwright.pricing.checks` come first, then those of `shopwright.promotions.coupons`.
"""

from __future__ import annotations

from collections.abc import Callable

from shopwright.errors import InvalidValue
from shopwright.money import allocate
from shopwright.pricing.checks import Amounts, Sheet
from shopwright.pricing.couponing import taken_by_coupon
from shopwright.pricing.facts import FlatShipping, ShippingPerLine
from shopwright.pricing.offers import SHIPPING, from_here, off_shipping
from shopwright.pricing.shelf import CATALOG, MEMBER
from shopwright.pricing.taxing import Assessed, assessed
from shopwright.pricing.trace import TraceStep
from shopwright.refusals import Refusal

Entries = tuple[TraceStep, ...]
Step = Callable[[Sheet, Amounts], TraceStep | Entries | Assessed | Refusal]


def list_prices(sheet: Sheet, so_far: Amounts) -> TraceStep | Entries:
    """Each line amounts to its unit price, times its quantity; with price lists it is told which of them each unit price is from."""
    parts = tuple([price * line.quantity for price, line in zip(sheet.unit_prices, sheet.cart.lines, strict=True)])
    before, amount = sum(so_far), sum(parts)
    told = TraceStep("list_prices", "listed", before, amount, before + amount, parts)
    return (told, *from_here(sheet.listed, told.after)) if sheet.listed else told


def member_prices(sheet: Sheet, so_far: Amounts) -> Entries:
    """What units cost less for this buyer, each price an entry; none where no price rule is looked for."""
    return _of_shelf(sheet, MEMBER, so_far) if sheet.shelf else ()


def catalog_prices(sheet: Sheet, so_far: Amounts) -> Entries:
    """What units cost less for everybody, flash prices with them, each price an entry."""
    return _of_shelf(sheet, CATALOG, so_far) if sheet.shelf else ()


def _of_shelf(sheet: Sheet, step: str, so_far: Amounts) -> Entries:
    return from_here(tuple([entry for entry in sheet.shelf if entry.step == step]), sum(so_far))


def promotions(sheet: Sheet, so_far: Amounts) -> Entries:
    """What promotions take off the lines, each effect an entry; none where no promotion is looked for."""
    return from_here(tuple([entry for entry in sheet.granted if entry.step != SHIPPING]), sum(so_far)) if sheet.granted else ()


def coupon(sheet: Sheet, so_far: Amounts) -> TraceStep | Refusal:
    """The coupon takes its discount off the whole, split over the lines by what they amount to, and takes none below its floor price."""
    return taken_by_coupon(sheet, so_far)


def shipping(sheet: Sheet, so_far: Amounts) -> TraceStep | Entries:
    """What shipping costs, on the lines that ship, and what promotions take off it."""
    charged = _charged(sheet, so_far)
    off = tuple([entry for entry in sheet.granted if entry.step == SHIPPING])
    return (charged, *off_shipping(off, charged.parts, charged.after)) if off else charged


def _charged(sheet: Sheet, so_far: Amounts) -> TraceStep:
    given = sheet.shipping
    if isinstance(given, FlatShipping):
        return _flat(sheet, so_far, given.method, given.amount)
    if isinstance(given, ShippingPerLine):
        return _per_line(sheet, so_far, given.method, given.amounts)
    before = sum(so_far)
    return TraceStep("shipping", "free", before, 0, before)


def tax(sheet: Sheet, so_far: Amounts) -> TraceStep | Assessed | Refusal:
    """What taxes come on top of the lines, or are held in them; without a table or an answer prices are what is paid."""
    if sheet.taxes is not None:
        return assessed(sheet, sheet.taxes, so_far)
    before = sum(so_far)
    return TraceStep("tax", "off", before, 0, before)


STEPS: tuple[Step, ...] = (list_prices, member_prices, catalog_prices, promotions, coupon, shipping, tax)
"""What a price is made of, in order."""


def _flat(sheet: Sheet, so_far: Amounts, method: str, amount: int) -> TraceStep:
    before = sum(so_far)
    weights = [value if product.ships else 0 for value, product in zip(so_far, sheet.products, strict=True)]
    shared_by = "value"
    if not any(weights):
        weights = [line.quantity if product.ships else 0 for line, product in zip(sheet.cart.lines, sheet.products, strict=True)]
        shared_by = "quantity"
        if not any(weights):
            return TraceStep("shipping", "nothing_ships", before, 0, before, (), method, 0, "", "", (("offered", amount),))
    parts = allocate(amount, weights)
    return TraceStep("shipping", "flat", before, amount, before + amount, parts, method, 0, "", "", (("shared_by", shared_by),))


def _per_line(sheet: Sheet, so_far: Amounts, method: str, parts: Amounts) -> TraceStep:
    if len(parts) != len(so_far):
        raise InvalidValue(f"expected a shipping amount for each of the {len(so_far)} lines of the cart, got {len(parts)}")
    for number, (part, product) in enumerate(zip(parts, sheet.products, strict=True), 1):
        if part and not product.ships:
            raise InvalidValue(f"expected no shipping on line {number}, for {product.sku} does not ship, got {part}; give 0, or a product that ships")
    before, amount = sum(so_far), sum(parts)
    return TraceStep("shipping", "per_line", before, amount, before + amount, parts, method)
