"""Words of shops and studios, English and Chinese, of which right jobs are made."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

Tongue = Literal["en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one language's jobs are made of; each list holds texts that mean the same kind of thing."""

    subjects: tuple[str, ...]
    colours: tuple[str, ...]
    materials: tuple[str, ...]
    details: tuple[str, ...]
    """Everyday shop wording with the marks that people use in it."""
    scenes: tuple[str, ...]
    lights: tuple[str, ...]
    cameras: tuple[str, ...]
    textures: tuple[str, ...]
    comma: str
    joint: str
    """Between a colour and its thing."""

    def prompt(self, random: Random) -> str:
        """A free prompt."""
        first = self.joint.join([random.choice(self.colours), random.choice(self.subjects)])
        rest = (self.details, self.scenes, self.lights, self.cameras, self.textures)
        parts = [random.choice(words) for words in rest if random.random() < 0.8]
        return self.comma.join([first, *parts])

    def template(self, random: Random, *names: str) -> str:
        """A free prompt in which names stand for the product."""
        placeholders = self.joint.join(f"{{{name}}}" for name in names)
        return self.comma.join([placeholders, random.choice(self.scenes), random.choice(self.lights)])


EN = Words(
    subjects=(
        "mug", "vase", "teapot", "desk lamp", "leather wallet", "pair of sneakers", "wool scarf", "glass bottle",
        "bar of soap", "children's book", "men's watch", "T-shirt", "L'Oréal lipstick", "IKEA-style bookshelf",
        "Moleskine notebook", "candle", "cast-iron pan", "USB-C charger", "wine glass", "raincoat", "jam jar",
        "A4 picture frame", "7-inch tablet", "Levi's 501 jeans", "H&M style dress", "AT-AT model kit", "garden gnome",
    ),
    colours=(
        "red", "navy blue", "off-white", "sage green", "black", "terracotta", "two-tone (red and white)", "rosé",
        "50% grey", "pearl-white", "burnt orange", "silver & gold", "sky-blue", "crème",
    ),
    materials=(
        "glossy ceramic", "full-grain leather", "brushed steel", "oak", "100% cotton", "clear glass", "linen (heavy)",
        "matte plastic", "fibreglass", "wood & brass", "18/10 stainless steel", "18k gold", "recycled PET",
    ),
    details=(
        "12 x 8 cm", "12x8 cm", "about 30 cm tall (12\")", "0.5 l, dishwasher safe", "size M (EU 38-40)",
        "with the word \"HELLO\" printed on it", "the label says 'Est. 1987'", "a sign that reads “50% OFF”",
        "price tag \"$12.99\"", "tag #1 of 3", "#1 bestseller sticker", "€19,90 on a small card",
        "a 2-for-1 offer card",
        "scale 1:18", "a mix of 2:1 sand and gravel", "opened at 10:30", "the lid off - next to it",
        "gift-wrapped 🎁",
        "made in Italy 🇮🇹", "a family 👨‍👩‍👧 drawn on it", "the shop's address www.example.com on the bag",
        "https://example.com/shop?id=7&ref=a on the card", "hello@example.com on the sleeve", "R&D edition",
        "it's new; it's ours", "rock 'n' roll style", "left: closed, right: open", "before/after",
        "C++ & C# stickers",
        "a note: please recycle", "5+1 free", "up to -30°C", "100 % wool", "AC/DC style lettering", "no. 5", "N°5",
        "[limited edition] card beside it", "(sold separately)", "~ 250 g", "1,5 kg", "½ pint", "Ø 8 cm",
        "3 × 4 tiles",
        "two handles, one on each side", "TÜV and CE marks", "\"Do not open before 24 December\" on the box",
        "model 2024-B", "pack of 6", "vintage 1970s", "¥199 on the tag", "a QR code",
    ),
    scenes=(
        "light grey concrete wall", "on a wooden table", "kitchen counter, blurred shelves behind", "seamless paper",
        "a rainy street at dusk", "on a beach towel, sand & shells", "marble slab with a sprig of eucalyptus",
        "an oak shelf (second from the top)", "linen tablecloth", "a busy café", "plain studio",
        "windowsill with plants",
    ),
    lights=(
        "frontal softbox, soft shadow", "low sun from the left", "overcast daylight", "5600 K flash", "rim light",
        "golden hour", "one hard light from above", "candle light (warm)", "f/8, 1/125 s, ISO 100", "north window",
    ),
    cameras=(
        "50 mm f/1.8", "85mm, f/2.8", "three-quarter view", "top-down (flat lay)", "macro 1:1", "eye level",
        "shot on 35 mm film", "tilt-shift", "24-70 mm at 50 mm", "front view, centred", "close-up", "45° from above",
    ),
    textures=(
        "fine glaze texture, photorealistic", "visible weave", "8k, highly detailed", "film grain", "crisp edges",
        "natural skin texture", "soft & matte", "wood grain, photorealistic", "4K HDR", "editorial look",
    ),
    comma=", ",
    joint=" ",
)  # fmt: skip

ZH = Words(
    subjects=(
        "马克杯", "花瓶", "茶壶", "台灯", "真皮钱包", "运动鞋", "羊毛围巾", "玻璃瓶", "手工皂", "儿童绘本",
        "机械手表", "T恤",
        "口红", "书架", "笔记本", "香薰蜡烛", "铸铁锅", "充电器", "红酒杯", "雨衣", "果酱罐", "A4相框", "7寸平板",
        "牛仔裤",
        "连衣裙", "帆布包", "陶瓷碗", "保温杯", "旗袍", "月饼礼盒",
    ),
    colours=(
        "红色", "藏青色", "米白色", "墨绿色", "黑色", "砖红色", "红白双色（撞色）", "浅灰色", "50%灰", "珠光白",
        "焦橙色", "金银色", "天蓝色",
    ),
    materials=(
        "亮面陶瓷", "头层牛皮", "拉丝不锈钢", "橡木", "100%纯棉", "透明玻璃", "亚麻（加厚）", "哑光塑料", "木与黄铜",
        "304不锈钢", "骨瓷",
    ),
    details=(
        "12×8厘米", "12 x 8 cm", "高约30厘米（12寸）", "容量0.5升，可进洗碗机", "M码（38-40）", "杯身印有“你好”二字",
        "标签上写着“始于1987年”", "招牌上写着「清风茶舍」", "价签“¥199”", "第1款，共3款", "1号爆款贴纸", "满200减50",
        "买2送1卡片",
        "比例1:18", "上午10:30", "盖子打开，放在旁边", "礼品包装🎁", "中国制造🇨🇳", "画着一家三口👨‍👩‍👧",
        "袋子上印着 www.example.com",
        "卡片上印着 hello@example.com", "联名款（限量）", "【新品】小卡片", "左：合上，右：打开", "包装前／包装后",
        "约250克", "1.5公斤",
        "直径8厘米", "两侧各一个把手", "盒子上写着『请勿倒置』", "2024年款B型", "6只装", "上世纪70年代风格",
        "二维码", "耐-30℃低温",
        "《山海经》主题", "写有 \"SALE\" 字样", "A&B联名", "No.5", "50% off 吊牌", "七五折；包邮",
        "黑、白、灰三色条纹",
    ),
    scenes=(
        "浅灰水泥墙", "木质桌面", "厨房台面，背后是虚化的架子", "无缝背景纸", "雨后的傍晚街道",
        "沙滩浴巾，沙子和贝壳", "大理石台面，一枝尤加利",
        "橡木架子（从上数第二层）", "亚麻桌布", "热闹的咖啡馆", "简洁影棚", "摆着绿植的窗台", "江南水乡的石桥边",
    ),
    lights=(
        "柔光箱正面打光，柔和阴影", "左侧低角度阳光", "阴天散射光", "5600K闪光灯", "轮廓光", "黄金时刻", "顶部硬光",
        "烛光（暖色）",
        "f/8，1/125秒，ISO 100", "北窗自然光",
    ),
    cameras=(
        "50mm f/1.8", "85mm，f/2.8", "斜侧视角", "俯拍（平铺）", "微距1:1", "平视", "35mm胶片", "正面居中", "特写",
        "45°俯视",
    ),
    textures=(
        "细腻釉面质感，写实摄影", "织物纹理清晰", "8K，高细节", "胶片颗粒", "边缘清晰", "真实皮肤质感", "柔和哑光",
        "木纹清晰，写实摄影", "杂志风格",
    ),
    comma="，",
    joint="",
)  # fmt: skip

WORDS: dict[Tongue, Words] = {"en": EN, "zh": ZH}
