"""The catalog under several writers at once: no product stands elsewhere than its group, nothing is told twice, and no price is lost."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

from shopwright import Money, Product, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.groups import products_of
from shopwright.catalog.price_lists import ListedPrice, PriceBreak, PriceList
from shopwright.catalog.variants import Variant
from shopwright.flows.catalog import commands as k
from shopwright.flows.catalog.bringing import all_groups
from shopwright.ports.storage import START as BEGINNING
from shopwright.testing.clock import NOON
from shopwright.wire.catalog_kinds import CATALOG
from shopwright.wire.kinds import KINDS
from tests.flows.cataloged import POT, RETAIL
from tests.flows.mall import CLERK

CATEGORIES = ("pots", "cups", "tea", "home", "garden")
GROUPS, DEEDS, WRITERS = 6, 25, 4


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def storage(request, tmp_path):
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    elif request.param == "sqlite":
        opened = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    else:
        opened = MemoryStorage(KINDS)
    yield opened
    opened.close()


def a_group(number, rng):
    variants = tuple([Variant(f"G{number}-{size}", {"size": size}, prices=(Money(rng.randint(1, 9), "EUR"),)) for size in ("S", "L")])
    return evolve(POT, id=f"g{number}", categories=tuple(sorted(rng.sample(CATEGORIES, rng.randint(1, 2)))), variants=variants)


def write(shop, writer):
    """One writer: groups, moves and merges, as they come."""
    rng = random.Random(writer)
    for number in range(DEEDS):
        key = f"w{writer}-{number}"
        match rng.randint(0, 5):
            case 0:
                name, under = rng.sample(CATEGORIES, 2)
                shop.catalog.move_category(k.MoveCategory(key=key, by=CLERK, name=name, under=rng.choice((under, None))))
            case 1 if number % 5 == 0:
                name, into = rng.sample(CATEGORIES, 2)
                shop.catalog.merge_category(k.MergeCategory(key=key, by=CLERK, name=name, into=into))
            case _:
                accepted(shop.catalog.put(k.PutGroup(key=key, by=CLERK, group=a_group(rng.randrange(GROUPS), rng))))


def test_products_stand_where_their_groups_do_whoever_moves_what_meanwhile(storage):
    shop = Shop(storage)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: write(shop, writer), range(WRITERS)))
    shop.catalog.refile(at=NOON)
    tree = shop.catalog.categories()

    for group in all_groups(shop.ports):
        wanted = {product.sku: product for product in products_of(group, tree=tree)}
        kept = {sku: stored.value for sku, stored in storage.load_many(Product, tuple(wanted)).items()}
        assert {sku: evolve(product, version=1) for sku, product in kept.items()} == wanted


def test_each_change_of_a_group_is_told_once_under_its_version(storage):
    shop = Shop(storage)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: write(shop, writer), range(WRITERS)))

    keys, after = [], BEGINNING
    while page := storage.read(CATALOG, after=after, limit=1_000):
        keys += [record.key for record in page]
        after = page[-1].position
    told = [key for key in keys if key.startswith("group/")]
    versions = {group.id: storage.load(type(POT), group.id).version for group in all_groups(shop.ports)}
    assert sorted(told) == sorted(f"group/{id}/{version}" for id, last in versions.items() for version in range(1, last + 1))


def test_lists_that_price_one_sku_at_the_same_time_all_stand(storage):
    shop = Shop(storage)
    names = [f"list{number}" for number in range(8)]

    def price(name):
        accepted(shop.catalog.put_price_list(k.PutPriceList(key=name, by=CLERK, price_list=evolve(RETAIL, id=name))))
        row = ListedPrice(name, "TEA", (PriceBreak(1, len(name)),))
        return accepted(shop.catalog.put_prices(k.PutPrices(key=f"{name}-tea", by=CLERK, prices=(row,))))

    with ThreadPoolExecutor(WRITERS) as pool:
        assert list(pool.map(price, names)) == [1] * 8
    lists = shop.catalog.price_lists(["TEA"])
    assert ([each.id for each in lists.lists], [row.list_id for row in lists.prices]) == (names, names)
    assert all(isinstance(each, PriceList) for each in lists.lists)
