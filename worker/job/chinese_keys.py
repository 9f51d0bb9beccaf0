"""Chinese keys of a job file: which key of the language each is, in simplified and traditional characters.

Keys of `matrix`, `metadata` and of tables are the author's own and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.problem import Problem
from worker.translation import gettext
from worker.yaml_reader.document import Data, Document, Fault, Path, Place

_TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls")


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {word: key for key, words in table.items() for word in words.split()}


PICTURE: Mapping[str, str] = _by_word(
    {
        "size": "尺寸 大小 分辨率 图片尺寸 画面尺寸 圖片尺寸 畫面尺寸 解析度",
        "count": "数量 张数 图片数量 数目 數量 張數 圖片數量 數目",
        "steps": "步数 采样步数 迭代步数 推理步数 步數 採樣步數 迭代步數 推理步數",
        "guidance": "引导 引导强度 引导系数 引导值 提示词引导 提示词引导系数 提示词相关性 "
        "引導 引導強度 引導係數 引導值 提示詞引導 提示詞相關性",
        "seed": "种子 随机种子 种子数 種子 隨機種子 種子數",
        "negative_prompt": "反向提示词 负面提示词 负向提示词 反面提示词 反向词 负面词 反向提示 负面提示 "
        "反向提示詞 負面提示詞 負向提示詞 反面提示詞 反向詞 負面詞 反向提示 負面提示",
        "language": "语言 語言",
        "format": "格式 图片格式 输出格式 文件格式 圖片格式 輸出格式 檔案格式",
        "file_name": "文件名 文件名称 图片名 图片名称 檔名 檔案名稱 文件名稱 圖片名稱",
        "metadata": "元数据 附加信息 附加数据 元資料 附加資訊",
        "matrix": "矩阵 组合 变量 矩陣 組合 變量 變數",
        "allow": "允许 许可 允許 許可",
    }
)
"""Keys at the top and in a shot."""
JOB: Mapping[str, str] = {
    **PICTURE,
    **_by_word(
        {
            "version": "版本",
            "name": "名称 名字 任务名 任务名称 标题 名稱 任務名 任務名稱 標題",
            "strict": "严格 严格模式 嚴格 嚴格模式",
            "id_column": "编号列 货号列 编码列 編號列 貨號列 編碼列",
            "proof": "打样 样张 先打样 打樣 樣張 先打樣",
            "priority": "优先级 优先 優先級 優先 優先順序",
            "products": "产品表 商品表 产品表格 商品表格 产品列表 商品列表 产品清单 商品清单 表格 "
            "產品表 產品表格 產品列表 產品清單 商品清單",
            "prompt": "提示词 正向提示词 正面提示词 提示 描述 画面描述 提示詞 正向提示詞 正面提示詞 畫面描述",
            "shot": "单图 單圖 单个镜头 單個鏡頭",
            "shots": "镜头列表 分镜列表 拍摄列表 图片列表 画面列表 镜头清单 拍摄清单 "
            "鏡頭列表 分鏡列表 拍攝列表 圖片列表 畫面列表 鏡頭清單 拍攝清單",
        }
    ),
}
"""Keys at the top."""
SHOT_OR_SHOTS = frozenset(["镜头", "分镜", "拍摄", "画面", "图片", "鏡頭", "分鏡", "拍攝", "畫面", "圖片"])
"""At the top: a list is `shots`, a mapping is `shot`."""
TABLE_OR_PRODUCT = frozenset(["产品", "商品", "產品"])
"""At the top: the name of a table is `products`, all else `product`."""
SHOT: Mapping[str, str] = {
    **PICTURE,
    **_by_word(
        {
            "id": "编号 货号 款号 标识 編號 貨號 款號 標識",
            "prompt": "提示词 正向提示词 正面提示词 提示 描述 画面描述 提示詞 正向提示詞 正面提示詞 畫面描述",
            "product": "产品 商品 主体 拍摄对象 產品 主體 拍攝對象",
            "scene": "场景 背景 环境 場景 環境",
            "light": "光线 灯光 光照 打光 布光 光影 光線 燈光",
            "camera": "镜头 构图 视角 机位 相机 拍摄角度 角度 鏡頭 構圖 視角 機位 相機 拍攝角度",
            "texture": "质感 纹理 风格 画风 質感 紋理 風格 畫風",
            "avoid": "避免 避开 不要 排除 避開",
        }
    ),
}
"""Keys of a shot."""
PRODUCT: Mapping[str, str] = _by_word(
    {
        "subject": "主体 产品 商品 品名 名称 名字 对象 主體 產品 名稱 對象",
        "colour": "颜色 色彩 顏色",
        "material": "材质 材料 材質",
        "details": "细节 描述 详情 特征 細節 詳情 特徵",
    }
)
"""Keys of a product."""
PROOF: Mapping[str, str] = _by_word({"every": "每隔 间隔 每 間隔"})
"""Keys of a proof."""


def in_english(document: Document) -> Document:
    """The document with the language's own keys in place of Chinese ones.

    Args:
        document: as it was read.

    Returns:
        The same with other keys, whose places are those of the written ones; and with a problem for each key that
        stands there a second time under another name.
    """
    if all(isinstance(part, int) or part.isascii() for path in document.keys for part in path):
        return document
    walk = _Walk(document)
    data = walk.mapping(document.data, (), ())
    return replace(
        document,
        data=data,
        problems=(*document.problems, *walk.doubled.values()),
        values=walk.moved(document.values),
        keys=walk.moved(document.keys),
        written=walk.written,
    )


class _Walk:
    """Goes through the mappings whose keys are the language's."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.doubled: dict[Path, Problem] = {}
        """By the path as written."""
        self.written: dict[Path, Path] = {}
        """Path as written by path in the language's words, where they differ."""

    def mapping(self, data: dict[str, Data], path: Path, written: Path) -> dict[str, Data]:
        """A mapping and all within."""
        renamed: dict[str, Data] = {}
        names: dict[str, str] = {}
        for key, value in data.items():
            name = _name(key, value, path)
            if name in names:
                message = gettext(
                    "`{first}` and `{second}` are the same key. Keep one of them.", first=names[name], second=key
                )
                fault = Fault(path=(*written, key), message=message, at_key=True)
                self.doubled[fault.path] = self.document.problem(fault)
                continue
            names[name] = key
            renamed[name] = self._value(value, (*path, name), (*written, key))
        return renamed

    def _value(self, value: Data, path: Path, written: Path) -> Data:
        if path != written:
            self.written[path] = written
        if isinstance(value, dict):
            return self.mapping(value, path, written)
        if isinstance(value, list):
            return [self._value(part, (*path, at), (*written, at)) for at, part in enumerate(value)]
        return value

    def moved(self, places: Mapping[Path, Place]) -> dict[Path, Place]:
        """The places by the paths in the language's words, without those of doubled keys."""
        new = {written: path for path, written in self.written.items()}
        return {
            new.get(path, path): place
            for path, place in places.items()
            if not any(path[:at] in self.doubled for at in range(1, len(path) + 1))
        }


def _name(key: str, value: Data, path: Path) -> str:
    """The key that is meant at a place."""
    match path:
        case ():
            if key in SHOT_OR_SHOTS:
                return "shots" if isinstance(value, list) else "shot" if isinstance(value, dict) else SHOT.get(key, key)
            if key in TABLE_OR_PRODUCT:
                is_table = isinstance(value, str) and value.lower().endswith(_TABLE_ENDINGS)
                return "products" if is_table else "product"
            return JOB.get(key) or SHOT.get(key, key)
        case ("shot",) | ("shots", int()):
            return SHOT.get(key) or JOB.get(key, key)
        case ("shot", "product") | ("shots", int(), "product"):
            return PRODUCT.get(key, key)
        case ("proof",):
            return PROOF.get(key, key)
    return key


EVERY_WORD = frozenset({*PRODUCT, *PROOF, *SHOT, *JOB, *SHOT_OR_SHOTS, *TABLE_OR_PRODUCT})
"""Every Chinese key, wherever it may stand."""
