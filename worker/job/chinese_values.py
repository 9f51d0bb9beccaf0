"""Chinese words for values of a job file: which value of the language each is."""

from __future__ import annotations

from collections.abc import Mapping

FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "是", "开", "對", "开启"), True),
    **dict.fromkeys(("false", "no", "off", "否", "关", "關", "关闭"), False),
}
"""All that anybody writes for yes and no; the documents say `true` and `false`."""
CHINESE: Mapping[str, str] = {
    **dict.fromkeys(("高", "优先", "最高", "紧急", "優先", "緊急"), "high"),
    **dict.fromkeys(("普通", "中", "正常", "一般"), "normal"),
    **dict.fromkeys(("低", "最低"), "low"),
    **dict.fromkeys(("中文", "汉语", "简体中文", "繁体中文", "漢語", "簡體中文", "繁體中文"), "zh"),
    **dict.fromkeys(("英文", "英语", "英語"), "en"),
    **dict.fromkeys(("分块解码", "分塊解碼"), "tiled_decode"),
    **dict.fromkeys(("新种子", "换种子", "更换种子", "新種子", "換種子"), "new_seed"),
}
"""Chinese words for values, with ours."""


def value_in_english(given: object) -> object:
    """The value as the language has it; any other as it is.

    Args:
        given: as the job has it.
    """
    return CHINESE.get(given.strip(), given) if isinstance(given, str) else given


def chinese_for(*values: str) -> list[str]:
    """Chinese words that mean one of these values, for editors."""
    return [word for word, value in CHINESE.items() if value in values]
