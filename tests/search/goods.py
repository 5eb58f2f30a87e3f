"""A catalog to judge searches by: goods of a mall in English and Chinese, written down noun by noun, each in five looks.

The id of goods says what they are: `teapot/red-ceramic`. Titles tell what a thing is and what it is made of; its color is an attribute, and
stands in the Chinese title alone, as it does in many a shop.
"""

from __future__ import annotations

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import SearchDocument
from shopwright.money import Money

COLORS = {
    "red": "红色",
    "white": "白色",
    "green": "绿色",
    "black": "黑色",
    "blue": "蓝色",
    "gray": "灰色",
    "brown": "棕色",
    "pink": "粉色",
    "silver": "银色",
    "yellow": "黄色",
}
MATERIALS = {
    "ceramic": "陶瓷",
    "porcelain": "骨瓷",
    "glass": "玻璃",
    "iron": "铸铁",
    "steel": "不锈钢",
    "cotton": "纯棉",
    "linen": "亚麻",
    "wool": "羊毛",
    "silk": "真丝",
    "denim": "牛仔",
    "oak": "橡木",
    "pine": "松木",
    "metal": "金属",
    "plastic": "塑料",
    "bamboo": "竹制",
    "leather": "真皮",
    "canvas": "帆布",
    "nylon": "尼龙",
    "suede": "绒面",
    "mesh": "网面",
    "64GB": "64GB",
    "128GB": "128GB",
    "256GB": "256GB",
    "512GB": "512GB",
    "1TB": "1TB",
    "100g": "100克",
    "250g": "250克",
    "500g": "500克",
    "1kg": "1公斤",
    "sample": "试用装",
}
LOOKS = {
    "table": "red-ceramic white-porcelain green-glass black-iron blue-steel",
    "worn": "red-cotton white-linen green-wool black-silk blue-denim",
    "home": "brown-oak white-pine black-metal gray-plastic yellow-bamboo",
    "carried": "brown-leather green-canvas black-nylon gray-suede blue-mesh",
    "device": "black-64GB white-128GB silver-256GB blue-512GB pink-1TB",
    "food": "green-100g red-250g black-500g white-1kg yellow-sample",
}
BRANDS = ("Kiln", "Nordlicht", "Harbor & Co", "Lótus", "小野")

NOUNS = """
teapot | Teapot | 茶壶 | table | kitchen, tea | Brews a pot for four, with a strainer.
teacup | Tea cup | 茶杯 | table | kitchen, tea | Holds a fifth of a liter.
mug | Mug | 马克杯 | table | kitchen, coffee | Safe in the dishwasher.
coffeepot | Coffee pot | 咖啡壶 | table | kitchen, coffee | Keeps hot for two hours.
plate | Dinner plate | 餐盘 | table | kitchen, tableware | A plate of 27 cm.
bowl | Soup bowl | 汤碗 | table | kitchen, tableware | For noodles too.
vase | Flower vase | 花瓶 | table | living, decoration | For one long stem or many.
fryingpan | Frying pan | 煎锅 | table | kitchen, cookware | Works on induction.
wok | Wok | 炒锅 | table | kitchen, cookware | With a lid.
kettle | Kettle | 水壶 | table | kitchen, cookware | Whistles when it boils.
jar | Storage jar | 储物罐 | table | kitchen, storage | Closes tightly.
shirt | Shirt | 衬衫 | worn | clothing, shirts | Buttons of mother of pearl.
tshirt | T-shirt | T恤 | worn | clothing, shirts | Round neck.
dress | Summer dress | 连衣裙 | worn | clothing, dresses | To the knee.
skirt | Skirt | 半身裙 | worn | clothing, dresses | With pockets.
trousers | Trousers | 长裤 | worn | clothing, trousers | Slim.
scarf | Scarf | 围巾 | worn | clothing, accessories | Two meters long.
socks | Socks | 袜子 | worn | clothing, accessories | Three pairs.
hat | Sun hat | 帽子 | worn | clothing, accessories | A wide brim.
sweater | Sweater | 毛衣 | worn | clothing, knitwear | Warm in winter.
jacket | Jacket | 夹克 | worn | clothing, outdoor | Keeps the wind out.
pajamas | Pajamas | 睡衣 | worn | clothing, nightwear | For children and women.
towel | Bath towel | 浴巾 | worn | bath, textiles | Dries quickly.
bedsheet | Bed sheet | 床单 | worn | bedroom, textiles | Fits 160 x 200.
curtain | Curtain | 窗帘 | worn | living, textiles | Keeps the light out.
desk | Writing desk | 书桌 | home | furniture, office | With two drawers.
chair | Dining chair | 餐椅 | home | furniture, dining | Stackable.
bookshelf | Bookshelf | 书架 | home | furniture, living | Five boards.
wardrobe | Wardrobe | 衣柜 | home | furniture, bedroom | Sliding doors.
bed | Bed frame | 床架 | home | furniture, bedroom | 180 x 200.
coffeetable | Coffee table | 茶几 | home | furniture, living | Low and wide.
stool | Stool | 凳子 | home | furniture, dining | Three legs.
lamp | Desk lamp | 台灯 | home | lighting, office | Dimmable LED.
mirror | Wall mirror | 镜子 | home | bath, decoration | Round.
clock | Wall clock | 挂钟 | home | living, decoration | Does not tick.
cuttingboard | Cutting board | 砧板 | home | kitchen, cookware | With a groove.
backpack | Backpack | 双肩包 | carried | bags, travel | 20 liters.
handbag | Handbag | 手提包 | carried | bags, women | With a zipper.
wallet | Wallet | 钱包 | carried | bags, accessories | Eight cards.
belt | Belt | 皮带 | carried | clothing, accessories | 3.5 cm wide.
shoes | Running shoes | 跑鞋 | carried | shoes, sport | For long runs.
boots | Hiking boots | 登山靴 | carried | shoes, outdoor | Waterproof.
sandals | Sandals | 凉鞋 | carried | shoes, summer | Light.
gloves | Gloves | 手套 | carried | clothing, outdoor | With touch fingers.
phone | Smartphone Nova 15 | 手机 Nova15 | device | electronics, phones | Display of 6.1 inches, USB-C.
tablet | Tablet Pad 11 | 平板电脑 | device | electronics, tablets | With a pen.
laptop | Laptop AirBook | 笔记本电脑 | device | electronics, computers | 14 hours of battery.
camera | Camera X-T5 | 相机 X-T5 | device | electronics, photo | 40 megapixels.
memorycard | Memory card microSD | 存储卡 microSD | device | electronics, storage | Reads 170 MB/s.
usbstick | USB stick | U盘 | device | electronics, storage | USB 3.2.
console | Game console | 游戏机 | device | electronics, games | With two controllers.
player | Music player | 音乐播放器 | device | electronics, audio | With a 3.5mm jack.
greentea | Green tea | 绿茶 | food | drinks, tea | Picked in spring at West Lake.
blacktea | Black tea | 红茶 | food | drinks, tea | Strong, good with milk.
coffee | Coffee beans | 咖啡豆 | food | drinks, coffee | Roasted slowly.
honey | Honey | 蜂蜜 | food | pantry, sweet | From linden trees.
rice | Jasmine rice | 香米 | food | pantry, grains | Long grain.
noodles | Noodles | 面条 | food | pantry, grains | Without egg.
chocolate | Dark chocolate | 黑巧克力 | food | pantry, sweet | 70 % cocoa.
cookies | Butter cookies | 黄油饼干 | food | pantry, sweet | In a tin.
almonds | Roasted almonds | 烤杏仁 | food | pantry, nuts | With sea salt.
soysauce | Soy sauce | 酱油 | food | pantry, spices | Brewed for a year.
"""


def _goods() -> list[SearchDocument]:
    found = []
    for place, line in enumerate(NOUNS.strip().splitlines()):
        id, english, chinese, family, categories, description = (part.strip() for part in line.split(" | "))
        for at, look in enumerate(LOOKS[family].split()):
            color, material = look.split("-")
            said = [("color", color), ("packed" if family == "food" else "memory" if family == "device" else "material", material)]
            found.append(
                SearchDocument(
                    id=f"{id}/{look}",
                    titles=Texts({"en": f"{english}, {material}", "zh": f"{COLORS[color]}{MATERIALS[material]}{chinese}"}),
                    descriptions=Texts({"en": description}),
                    brand=BRANDS[(place + at) % len(BRANDS)],
                    categories=tuple(categories.split(", ")),
                    tags=("new",) if at == 0 else (),
                    attributes=tuple(said),
                    codes=(f"{id[:3].upper()}-{place:02}{at}",),
                    prices=(Money(1_000 + 100 * place + at, "EUR"),),
                )
            )
    return found


GOODS = tuple(_goods())
"""310 things."""
