"""A member who can be forgotten: sealed from the first moment, found by e-mail, erased, and gone for good once the masters are rotated.

Run it with `python main.py`; it needs `pip install shopwright[members]`.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import shopwright as sw
from shopwright.adapters.vault import AesVault, Keyring, Master
from shopwright.flows.members.commands import EraseMember, RegisterMember
from shopwright.members.contacts import Channel

CLERK, ANN = sw.staff("clerk"), sw.customer("ann")
HOME = sw.Address("Ann Lee", ("1 Harbor Street",), "Hamburg", postcode="20457", country="DE")
PERSONAL = (b"Ann Lee", b"Harbor Street", b"20457", b"ann@mall.example")


def bought(shop: sw.Shop) -> sw.Order:
    """Ann joins, and orders tea."""
    tea = sw.Product(sku="TEA", title="Tea", seller_id="house", prices=(sw.Money.of("7.50", "EUR"),))
    shop.goods.put(sw.PutProduct(key="put", by=CLERK, product=tea))
    shop.goods.receive(sw.ReceiveStock(key="in", by=CLERK, sku="TEA", quantity=10))
    joining = RegisterMember(key="join", by=CLERK, member_id="ann", email="ann@mall.example", verified=True, profile={"name": HOME.name})
    sw.accepted(shop.members.register(joining))
    cart = sw.Cart("EUR", (sw.CartLine("TEA", 2),))
    return sw.accepted(shop.orders.place(sw.PlaceOrder(key="o1", by=ANN, buyer_id="ann", cart=cart, ship_to=HOME, exact_tenders=False)))


def told_by(folder: Path) -> int:
    """How many of Ann's words stand in any byte of the files."""
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    return sum(word in kept for word in PERSONAL)


def main() -> None:
    """Keep, find, forget."""
    old, new = Master.new("2025-11"), Master.new("2026-11")
    with TemporaryDirectory() as place:
        url = f"sqlite:///{place}/mall.sqlite"
        shop = sw.Shop.open(url, vault=AesVault(Keyring([old])))
        order = bought(shop)
        found = sw.accepted(shop.members.with_contact(Channel.EMAIL, "Ann@mall.example"))
        print(f"member {found.id} is found by e-mail; her order goes to {sw.accepted(shop.orders.address(order.id)).lines[0]}")
        print(f"words about her in the files: {told_by(Path(place))}")

        sw.accepted(shop.members.erase(EraseMember(key="forget", by=ANN, member_id="ann")))
        shop.close()
        shop = sw.Shop.open(url, vault=AesVault(Keyring([new, old])))
        print(f"rotated to {shop.persons.rotate().master}; {old.id} can be destroyed")
        shop.close()

        shop = sw.Shop.open(url, vault=AesVault(Keyring([new])))
        answer = shop.orders.address(order.id)
        print(f"her address: {answer.code if isinstance(answer, sw.Refusal) else answer}")
        print(f"her order still adds up to {sw.accepted(shop.orders.get(order.id)).total}")
        shop.close()


if __name__ == "__main__":
    main()
