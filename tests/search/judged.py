"""Searches that people make, and what of the goods in `goods` they should find among the first ten: judged by hand, by class.

A line is a text and, behind a bar, the ids of the goods, where `*` stands for any look or any part of one. None expects more than ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial

from attrs import frozen

from shopwright.ports.search import SearchIndex, SearchQuery
from shopwright.refusals import accepted
from tests.search.goods import GOODS

JUDGED = {
    "words": """
        teapot | teapot/*
        tea cups | teacup/*
        coffee mug | mug/*
        dinner plates | plate/*
        a bowl for soup | bowl/*
        flower vase | vase/*
        frying pans | fryingpan/*
        wok with lid | wok/*
        storage jars | jar/*
        linen shirt | shirt/*linen
        t shirt | tshirt/*
        T-Shirts | tshirt/*
        summer dresses | dress/*
        skirts with pockets | skirt/*
        wool scarf | scarf/*wool
        cotton socks | socks/*cotton
        winter sweater | sweater/*
        silk pajamas | pajamas/*silk
        bath towels | towel/*
        bed sheets | bedsheet/*
        linen curtains | curtain/*linen
        writing desk | desk/*
        dining chairs | chair/*
        oak bookshelf | bookshelf/*oak
        book shelf | bookshelf/*
        sliding door wardrobe | wardrobe/*
        coffee table bamboo | coffeetable/*bamboo
        desk lamp | lamp/*
        wall clock | clock/*
        wall mirror | mirror/*
        cutting boards | cuttingboard/*
        leather wallet | wallet/*leather
        running shoes | shoes/*
        hiking boots | boots/*
        green tea | greentea/*
        tea, black | blacktea/*
        coffee beans | coffee/*
        butter cookies | cookies/*
        roasted almonds | almonds/*
        back pack | backpack/*
        LÓTUS teapot | teapot/black-iron
        lotus teapot | teapot/black-iron
        """,
    "misspelled": """
        teapott | teapot/*
        taepot | teapot/*
        coffe pot | coffeepot/*
        dinner plat | plate/*
        fryng pan | fryingpan/*
        ketle | kettle/*
        storge jar | jar/*
        linnen shirt | shirt/*linen
        shrit silk | shirt/*silk
        sumer dress | dress/*
        trousors | trousers/*
        scraf | scarf/*
        swaeter | sweater/*
        jackett | jacket/*
        pyjamas | pajamas/*
        batth towel | towel/*
        curtians | curtain/*
        writting desk | desk/*
        bookshelve | bookshelf/*
        bookshelfs | bookshelf/*
        wardrob | wardrobe/*
        wardorbe | wardrobe/*
        stoool | stool/*
        mirrror | mirror/*
        cuting bord | cuttingboard/*
        bakcpack | backpack/*
        hand bag lether | handbag/*leather
        walet | wallet/*
        runing shoes | shoes/*
        hikking boots | boots/*
        sandels | sandals/*
        smarphone | phone/*
        smartfone | phone/*
        labtop | laptop/*
        camra | camera/*
        memmory card | memorycard/*
        jasmin rice | rice/*
        nodles | noodles/*
        choclate | chocolate/*
        cokies | cookies/*
        almods | almonds/*
        greentee | greentea/*
        soi sauce | soysauce/*
        """,
    "Chinese words": """
        茶壶 | teapot/*
        茶杯 | teacup/*
        餐盘 | plate/*
        汤碗 | bowl/*
        花瓶 | vase/*
        煎锅 | fryingpan/*
        炒锅 | wok/*
        水壶 | kettle/*
        衬衫 | shirt/*
        长裤 | trousers/*
        围巾 | scarf/*
        袜子 | socks/*
        帽子 | hat/*
        毛衣 | sweater/*
        夹克 | jacket/*
        睡衣 | pajamas/*
        浴巾 | towel/*
        床单 | bedsheet/*
        窗帘 | curtain/*
        书桌 | desk/*
        餐椅 | chair/*
        书架 | bookshelf/*
        衣柜 | wardrobe/*
        茶几 | coffeetable/*
        台灯 | lamp/*
        镜子 | mirror/*
        砧板 | cuttingboard/*
        钱包 | wallet/*
        跑鞋 | shoes/*
        凉鞋 | sandals/*
        绿茶 | greentea/*
        红茶 | blacktea/*
        蜂蜜 | honey/*
        面条 | noodles/*
        """,
    "Chinese of more characters": """
        马克杯 | mug/*
        咖啡壶 | coffeepot/*
        储物罐 | jar/*
        连衣裙 | dress/*
        半身裙 | skirt/*
        双肩包 | backpack/*
        手提包 | handbag/*
        登山靴 | boots/*
        平板电脑 | tablet/*
        笔记本电脑 | laptop/*
        存储卡 | memorycard/*
        游戏机 | console/*
        音乐播放器 | player/*
        咖啡豆 | coffee/*
        黑巧克力 | chocolate/*
        黄油饼干 | cookies/*
        烤杏仁 | almonds/*
        红色陶瓷茶壶 | teapot/red-ceramic
        陶瓷茶壶红色 | teapot/red-ceramic
        白色骨瓷茶杯 | teacup/white-porcelain
        茶杯 白色 | teacup/white-*
        黑色真丝衬衫 | shirt/black-silk
        绿色羊毛围巾 | scarf/green-wool
        橡木书桌 | desk/*oak
        竹制砧板 | cuttingboard/*bamboo
        不锈钢水壶 | kettle/*steel
        真皮钱包 | wallet/*leather
        真皮的钱包 | wallet/*leather
        铸铁煎锅 | fryingpan/*iron
        玻璃花瓶 | vase/*glass
        """,
    "mixed": """
        T恤 | tshirt/*
        白色T恤 | tshirt/white-linen
        U盘 | usbstick/*
        U盘 256GB | usbstick/*256GB
        Nova15手机 | phone/*
        手机 nova 15 | phone/*
        Nova 15 手机 128GB | phone/*128GB
        microSD 存储卡 | memorycard/*
        microSD存储卡512GB | memorycard/*512GB
        X-T5相机 | camera/*
        XT5 相机 | camera/*
        小野 teapot | teapot/blue-steel
        小野 茶壶 | teapot/blue-steel
        linen 衬衫 | shirt/*linen
        silk 围巾 | scarf/*silk
        AirBook 笔记本 | laptop/*
        Kiln 马克杯 | mug/black-iron
        绿茶 500g | greentea/*500g
        红茶 sample | blacktea/*sample
        ＡｉｒＢｏｏｋ １ＴＢ | laptop/*1TB
        """,
    "by attribute": """
        red teapot | teapot/red-*
        white shirt | shirt/white-*
        black silk shirt | shirt/black-silk
        green scarf | scarf/green-*
        blue denim jacket | jacket/blue-denim
        white pine desk | desk/white-pine
        black wall clock | clock/black-*
        brown leather belt | belt/brown-leather
        gray suede boots | boots/gray-suede
        pink smartphone | phone/pink-*
        silver laptop | laptop/silver-*
        black camera 64GB | camera/black-64GB
        red ceramic mug | mug/red-ceramic
        glass jar green | jar/green-glass
        cast iron wok | wok/*iron
        steel kettle blue | kettle/blue-steel
        yellow bamboo stool | stool/yellow-bamboo
        white porcelain bowl | bowl/white-porcelain
        woolen sweater green | sweater/green-wool
        Nordlicht mug | mug/blue-steel
        kiln plate | plate/white-porcelain
        harbor & co desk | desk/black-metal
        """,
    "numbers and codes": """
        TEA-000 | teapot/red-ceramic
        tea-000 | teapot/red-ceramic
        MUG-022 | mug/green-glass
        mug 022 | mug/green-glass
        LAP-464 | laptop/pink-1TB
        128GB smartphone | phone/*128GB
        128 gb smartphone | phone/*128GB
        1tb laptop | laptop/*1TB
        1 TB laptop | laptop/*1TB
        3.5mm music player | player/*
        usb-c smartphone | phone/*
        usb c phone nova | phone/*
        500g honey | honey/*500g
        1 kg rice | rice/*1kg
        camera x-t5 | camera/*
        camera xt5 | camera/*
        pad 11 | tablet/*
        usb 3.2 stick | usbstick/*
        """,
}


@frozen
class Judged:
    """A search, of which class it is, and the goods that it should find."""

    kind: str
    text: str
    ids: frozenset[str]


def _read() -> tuple[Judged, ...]:
    found = []
    for kind, lines in JUDGED.items():
        for line in lines.strip().splitlines():
            text, _, patterns = line.strip().rpartition(" | ")
            ids = {goods.id for goods in GOODS for pattern in patterns.split() if fnmatchcase(goods.id, pattern)}
            found.append(Judged(kind, text, frozenset(ids)))
    return tuple(found)


SEARCHES = _read()


def recall(index: SearchIndex, judged: Judged, *, first: int = 10) -> float:
    """What share of the goods that should be found is among the first."""
    page = accepted(index.search(SearchQuery(text=judged.text, limit=first)))
    return len({hit.id for hit in page.hits} & judged.ids) / len(judged.ids)


def recall_by_kind(index: SearchIndex, searches: Sequence[Judged] = SEARCHES) -> dict[str, float]:
    """The mean recall among the first ten of each class, and of `all`, in percent."""

    def mean(of: Callable[[Judged], bool]) -> float:
        found = [recall(index, judged) for judged in searches if of(judged)]
        return round(100 * sum(found) / len(found), 1)

    kinds = dict.fromkeys(judged.kind for judged in searches)
    return {**{kind: mean(partial(_is_of, kind)) for kind in kinds}, "all": mean(lambda _: True)}


def _is_of(kind: str, judged: Judged) -> bool:
    return judged.kind == kind
