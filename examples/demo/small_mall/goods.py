"""What the mall sells, and to whom. All of it is made up."""

from __future__ import annotations

from attrs import frozen

from shopwright import Address, Coupon, Money, Product
from shopwright.orders.fulfilling import BookingWanted
from shopwright.shipping.parcels import Parcel, Party

CURRENCY = "EUR"
SHIPPING = 490
SAMPLE = "SAMPLE-1"
"""The one thing that costs nothing."""


@frozen
class Shelf:
    """A product and how many of it arrive before the mall opens."""

    product: Product
    stock: int


def _shelf(sku: str, title: str, seller: str, price: str, weight_g: int, stock: int) -> Shelf:
    return Shelf(Product(sku=sku, title=title, seller_id=seller, prices=(Money.of(price, CURRENCY),), weight_g=weight_g), stock)


SHELVES: tuple[Shelf, ...] = (
    _shelf("TEA-1", "Green tea, 100 g", "tea-house", "7.50", 130, 120),
    _shelf("TEA-2", "Smoked tea, 100 g", "tea-house", "8.90", 130, 90),
    _shelf("TEA-3", "Tea of the north slope, 50 g", "tea-house", "24.00", 80, 12),
    _shelf("POT-1", "Teapot, cast iron", "tea-house", "59.00", 1_900, 60),
    _shelf("CUP-1", "Cup, blue glaze", "kiln-and-clay", "18.00", 350, 80),
    _shelf("CUP-2", "Cup, white glaze", "kiln-and-clay", "16.00", 350, 80),
    _shelf("BOWL-1", "Bowl, ash glaze", "kiln-and-clay", "32.00", 700, 70),
    _shelf("VASE-1", "Vase, tall", "kiln-and-clay", "74.00", 2_400, 45),
    _shelf("LAMP-1", "Reading lamp, brass", "lantern-street", "129.00", 2_900, 60),
    _shelf("LAMP-2", "Night light, paper", "lantern-street", "21.50", 300, 60),
    _shelf("WICK-1", "Candles, box of six", "lantern-street", "9.60", 620, 110),
    _shelf("BOOK-1", "The cloud atlas of an amateur", "paper-boat", "28.00", 900, 80),
    _shelf("BOOK-2", "Letters from a lighthouse", "paper-boat", "19.90", 400, 70),
    _shelf("BOOK-3", "A pocket guide to mosses", "paper-boat", "14.00", 220, 70),
    _shelf("NOTE-1", "Notebook, squared", "paper-boat", "6.20", 180, 150),
    _shelf("PEN-1", "Fountain pen, steel nib", "paper-boat", "45.00", 60, 70),
    _shelf("WOOL-1", "Blanket, wool", "warm-things", "98.00", 1_600, 60),
    _shelf("WOOL-2", "Socks, wool, two pairs", "warm-things", "22.00", 160, 90),
    _shelf("WOOL-3", "Scarf, long", "warm-things", "36.00", 240, 80),
    _shelf(SAMPLE, "Sample of green tea, one cup", "tea-house", "0.00", 10, 40),
)

COUPONS: tuple[tuple[Coupon, int], ...] = (
    (Coupon("WELCOME", percent=1_000, title="10 % for new friends of the house"), 0),
    (Coupon("FIVER", amounts=(Money.of("5.00", CURRENCY),), minimums=(Money.of("30.00", CURRENCY),), limited=True, title="Five off thirty"), 30),
)
"""The coupons with the number of their uses; the first one has no limit."""

NAMES = (
    "Ann Lee", "Bodo Kranz", "Chiara Monti", "Dilip Rao", "Ewa Nowak", "Farah Aziz", "Goran Ilić", "Hana Sato", "Ivo Duarte", "Jörg Blau",
    "Kwame Boateng", "Lin Yue", "Malik Haddad", "Nora Quist", "Olga Petrova", "Paulo Reis", "Quentin Roux", "Rosa Vidal", "Søren Holm", "Tuula Aalto",
)  # fmt: skip
CITIES = (("Hamburg", "20457", "DE"), ("Bremen", "28195", "DE"), ("Lyon", "69002", "FR"), ("Porto", "4050", "PT"), ("Turku", "20100", "FI"))
DOCK = Party(name="The small mall", lines=("Dock 1",), city="Bremen", postcode="28217", country="DE")


def address(name: str, number: int) -> Address:
    """Where somebody lives."""
    city, postcode, country = CITIES[number % len(CITIES)]
    return Address(name, (f"{number % 90 + 1} Harbor Street",), city, postcode=postcode, country=country)


def parcel(weight_g: int) -> BookingWanted:
    """What a carrier is asked to take: one box from our dock."""
    return BookingWanted(origin=DOCK, parcels=(Parcel(weight_g=max(weight_g, 1), length_mm=400, width_mm=300, height_mm=200),), label_format="txt")


WEIGHTS = {shelf.product.sku: shelf.product.weight_g for shelf in SHELVES}
PRICES = {shelf.product.sku: shelf.product.prices[0].minor for shelf in SHELVES}
