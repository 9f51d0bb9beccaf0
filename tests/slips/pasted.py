"""M7, M8 and M11: jobs that came through other programs: chats, shells, JSON writers, mail, Word; titles as names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from slips.drops import ALL, Slip, Wanted
from slips.right_jobs import RightJob
from slips.variants import Make, Variant, read, told, value_of, with_text

EMOJI = ("😀", "🎁", "𠮷", "👨‍👩‍👧", "🇨🇳", "𝒜", "🏳️‍🌈", "👍🏽")
AROUND = (
    ("```yaml\n", "```\n", "```"), ("```\n", "```\n", "```"), ("```yml\n", "", "```"), ("", "```\n", "```"),
    ("~~~\n", "~~~\n", "~~~"),
    ("Sure! Here is your YAML:\n\n", "", ""), ("Here's the job file you asked for:\n```yaml\n", "```\n", ""),
    ("以下是您的任务文件：\n\n", "", ""),
    ("好的，这是任务：\n```yaml\n", "```\n希望对您有帮助！\n", ""),
    ("", "\nLet me know if you need anything else!\n", ""),
    ("", "\n希望对您有帮助！\n", ""),
    ("yaml\n", "", ""), ("yaml\nCopy code\n", "", ""), ("# job.yaml\n```yaml\n", "```\n", "```"),
    ("job.yaml:\n", "", ""), ("$ cat job.yaml\n", "", ""),
    ("<pre>\n", "</pre>\n", ""), ("<yaml>\n", "</yaml>\n", ""), ("--- a/job.yaml\n+++ b/job.yaml\n", "", ""),
    ("== Job ==\n", "", ""),
    ("<<<<<<< HEAD\n", "", ""), ("**Job**\n\n", "", ""), ("「小王：\n", "」\n- - - - - - - - - - - - - - -\n", ""),
    ("———\n", "", ""), ("====\n", "", ""),
    ("", "-- \nSent from my iPhone\n", ""), ("", "发自我的iPhone\n", ""),
    ("From: anna@example.com\nSubject: job\n\n", "", ""), ("", "\x1a", "U+001A"),
    ("````yaml\n", "````\n", "```"), ("``` yaml title=\"job.yaml\"\n", "```\n", "```"), ("“““\n", "”””\n", ""),
    ('"""\n', '"""\n', ""),
)  # fmt: skip
"""What stands before and after a job, and a word of what is said; none for any."""
LINES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("quoted as mail", lambda line: f"> {line}"), ("marks of a diff", lambda line: f"+{line}"),
    ("bullets", lambda line: f"* {line}"),
    ("line numbers", lambda line: f"1 {line}"), ("numbered", lambda line: f"1. {line}"),
    ("a shell's prompt", lambda line: f">>> {line}"),
    ("bold keys", lambda line: f"**{line.replace(':', '**:', 1)}"),
    ("keys as code", lambda line: f"`{line.replace(':', '`:', 1)}"),
    ("equals signs", lambda line: line.replace(": ", " = ", 1)),
    ("HTML quotes", lambda line: line.replace(": ", ": &quot;", 1) + "&quot;"),
    ("HTML blanks", lambda line: f"&nbsp;{line}"),
    ("a table of Markdown", lambda line: f"| {line.replace(':', ' |', 1)} |"),
    ("paragraphs", lambda line: f"<p>{line}</p>"), ("tab indentation", lambda line: f"\t{line}"),
    ("arrows", lambda line: line.replace(": ", " => ", 1)),
)  # fmt: skip
SEEDS = (
    "-1", "random", "Random", "-2", "auto", "随机", "none", "1e5", "rand()", "4294967296", "7.0", "-1.0",
    "zufällig",
)  # fmt: skip
INDENTED = ("indent", "further right", "spaces")
YAML = (
    ("shots:\n- id: A\n  product: &id001\n    subject: mug\n- id: B\n  product: *id001\n", 3,
    ("anchor", "id001", "alias")),
    ("size: &s 1024x1024\nprompt: mug\n", 1, ("anchor", "alias")),
    ("prompt: !!binary |\n  cmVkIG11Zw==\n", 1, ("tag",)),
    ("prompt: !!python/unicode 'mug'\n", 1, ("tag",)), ("prompt: !Ref Mug\n", 1, ("tag",)),
    ("prompt: !!str mug\n", 1, ("tag",)),
    ("prompt: |\na red mug on wood\nsteps: 8\n", 2, INDENTED),
    ("prompt: >\na red mug\nsteps: 8\n", 2, INDENTED), ("steps: 8\nprompt: |\n红色马克杯\n", 3, INDENTED),
    ("prompt: a red mug,\n  on wood # table\n  soft light\n", 2, ("#", "comment")),
    ("prompt: a red mug\n# on wood\n  soft light\n", 2, ("#", "comment")),
    ("prompt: a mug #1\nsteps: 8\n", 1, ("#", "comment")), ("prompt: #1 mug\n", 1, ("#", "comment")),
    ("<<: {steps: 8}\nprompt: mug\n", 1, ("merge",)),
    ("prompt: |2-x\n  mug\n", 1, ()), ("prompt: |\n\tmug\n", 2, ("tab",)), ("\tprompt: mug\n", 1, ("tab",)),
    ("shot:\n\tprompt: mug\n", 2, ("tab",)),
    ("prompt: null\n", 1, ()), ("prompt: ~\n", 1, ()), ("prompt:\n", 1, ()),
    ("prompt: mug\nprompt: vase\n", 2, ("twice",)), ("prompt: mug\n steps: 8\n", 2, ()),
    ("prompt: mug\nseed: \n", 2, ("no value",)), ("shots:\n  - prompt: mug\n - prompt: vase\n", 3, ()),
    ("- prompt: mug\n", 1, ()), ("prompt: [mug, red]\n", 1, ("list",)),
)  # fmt: skip
"""What YAML reads otherwise than it was meant, or not at all: the file, the line, words."""
CHINESE = (
    ("提示词：红色马克杯\n尺寸：1024x1024\n数量：2\n", "prompt: 红色马克杯\nsize: 1024x1024\ncount: 2\n"),
    ("提示词:红色马克杯\n步数：8\n", "prompt: 红色马克杯\nsteps: 8\n"),
    ("提示詞: 紅色馬克杯\n尺寸: 1024x1024\n", "prompt: 紅色馬克杯\nsize: 1024x1024\n"),
    ("提示词: 红色马克杯\n尺寸: 1024×1024\n", "prompt: 红色马克杯\nsize: 1024x1024\n"),
    ("提示词: 红色马克杯\n种子: ７\n", "prompt: 红色马克杯\nseed: 7\n"),
    ("“提示词”：“红色马克杯”\n", "prompt: 红色马克杯\n"),
    ("提示词 ：红色马克杯\n步数 ：8\n", "prompt: 红色马克杯\nsteps: 8\n"),
    ('{"提示词"："红色马克杯"，"步数"：8}\n', "prompt: 红色马克杯\nsteps: 8\n"),
    ("提示词\u3000: 红色马克杯\n", "prompt: 红色马克杯\n"),
    ("正向提示词: 红色马克杯\n", "prompt: 红色马克杯\n"), ("提示词: 红色马克杯\n提示词: 蓝色马克杯\n", ""),
    ("提示词: 红色马克杯\nprompt: 蓝色马克杯\n", ""),
    ("提示司: 红色马克杯\n", ""), ("提示词 红色马克杯\n", ""), ("提示词：红色马克杯，尺寸：1024x1024\n", ""),
)  # fmt: skip
"""Jobs in Chinese keys and marks, and what they mean; empty where that cannot be known."""
PRODUCTS = (
    "./products.csv", "Products.CSV", "products", "products.csv.csv", "product.csv", "products.xls",
    "C:\\pics\\products.csv", "data/products.csv", "../products.csv", "[products.csv]", "products.csv ",
    "products.tsv", "“products.csv”", "`products.csv`", "<products.csv>", "products。csv",
    "products.csv, more.csv", "https://docs.google.com/spreadsheets/d/1x/edit",
)  # fmt: skip
TITLES = (
    "2026秋冬-陶瓷系列（第二批）", "Spring / Summer 2026", "Sale: 50% off", "a\\b", "CON", "nul.txt", "Mugs...",
    "trailing ",
    "🎄 Xmas", "x" * 300, "杯" * 200,
    "مجموعة الربيع", "«Осень»", "What?", "a*b", "<new>", "pipe|pipe", "quote\"d", "..", ".hidden", "~temp",
    "name.partial", "春\u3000夏", "Größe", "ＡＢＣ",
    "COM1", "aux", "2026/05/01", "line\\nbreak", "#1", "- dash", "10:30", "no", "日本語タイトル", "한국어",
    "mugs.yaml",
    "mugs.cancel", "PAUSE", "e\u0301te\u0301",
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """All of the three kinds."""
    yield from _json()
    yield from _pasted()
    yield from _written()


def _json() -> Iterator[Variant]:
    for emoji in EMOJI:
        for form in ("indented", "in a line", "small letters"):
            yield Variant(kind="M7", name=f"{emoji} {form}", make=_surrogates(emoji, form), forms=("bare",))
    for half in ("\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83dx"):
        yield Variant(kind="M7", name=f"a half: {half}", make=_half(half), forms=("bare",))


def _pasted() -> Iterator[Variant]:
    for before, after, word in AROUND:
        name = f"{before!r} … {after!r}"
        yield Variant(kind="M8", name=name, make=_around(before, after, word), forms=("bare", "product", "shots"))
    for name, change in LINES:
        yield Variant(kind="M8", name=name, make=_lines(change), forms=("bare",))
    for seed in SEEDS:
        yield Variant(kind="M8", name=f"seed: {seed}", make=_seed(seed), forms=("bare", "shots"))


def _written() -> Iterator[Variant]:
    for text, line, says in YAML:
        yield Variant(kind="M8", name=text.replace("\n", "⏎"), make=_yaml(text, line, says), forms=("bare",))
    for name, encode in _BYTES.items():
        yield Variant(kind="M8", name=name, make=_bytes(encode), forms=("bare", "product", "shots"))
    yield Variant(kind="M8", name="UTF-16 behind a file in UTF-8", make=_appended, forms=("bare", "product"))
    for text, right in CHINESE:
        yield Variant(kind="M2", name=text.replace("\n", "⏎"), make=_chinese(text, right), forms=("bare",))
    for name in PRODUCTS:
        yield Variant(kind="M10", name=f"products: {name}", make=_products(name), forms=("table",))
    for title in TITLES:
        yield Variant(kind="M11", name=title[:40], make=_titled(title), forms=("bare", "table", "json"))


def _surrogates(emoji: str, form: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        data = {"prompt": f"{value_of(job, 'prompt')} {emoji}", "steps": 8}
        written = json.dumps(data, indent=2 if form == "indented" else None)
        written = written if form == "small letters" else written.replace("\\ud8", "\\uD8").replace("\\udc", "\\uDC")
        right = replace(job, text=json.dumps(data, ensure_ascii=False))
        return read(with_text(job, written), right)

    return make


def _half(half: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        return told(
            with_text(job, '{"steps": 8,\n "prompt": "mug ' + half + '"}'),
            [("job.yaml", 2)],
            "U+D83D",
            "U+DE00",
            "half",
            "surrogate",
        )

    return make


def _around(before: str, after: str, word: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        text = f"{before}{job.text}{after}"
        first = range(1, before.count("\n") + 1)
        last = range(text.count("\n") - after.count("\n") + 1, text.count("\n") + 2)
        lines = first if before else last
        says = {"": (), "```": ("```", "fence"), "~~~": ("~~~", "fence")}.get(word, (word,))
        return told(with_text(job, text), [("job.yaml", n) for n in lines], *says, right=job)

    return make


def _lines(change: Callable[[str], str]) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        right = replace(job, text=f"prompt: {random.choice(['a red mug', '红色马克杯'])}\nsteps: 8\n", model="base")
        text = "".join(f"{change(line)}\n" for line in right.text.splitlines())
        return told(with_text(right, text), [("job.yaml", 1)], right=right)

    return make


def _seed(seed: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        rest = "\n".join(line for line in job.text.splitlines() if not line.startswith("seed:"))
        return told(
            with_text(job, f"seed: {seed}\n{rest}\n"), [("job.yaml", 1)], "vary", "leave", "0 to 4294967295", "digits"
        )

    return make


def _yaml(text: str, line: int, says: tuple[str, ...]) -> Make:
    return lambda job, _: told(with_text(job, text), [("job.yaml", line)], *says)


_BYTES: dict[str, Callable[[str], bytes]] = {
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "UTF-16 BE with a mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "two marks": lambda text: b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode(),
    "a mark": lambda text: text.encode("utf-8-sig"),
    "GB18030": lambda text: f"# 商品图任务，请在今晚完成\n{text}".encode("gb18030"),
    "Big5": lambda text: f"# 商品圖任務，請在今晚完成拍攝與輸出\n{text}".encode("big5", "replace"),
    "CR only": lambda text: text.replace("\n", "\r").encode(),
    "CR LF": lambda text: text.replace("\n", "\r\n").encode(),
    "a rich text": lambda text: b"{\\rtf1\\ansi\\ansicpg936 " + text.encode("ascii", "replace") + b"}",
    "zero bytes behind": lambda text: text.encode() + b"\0" * 100,
    "a workbook": lambda _: b"PK\3\4\x14\0\6\0",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a web page": lambda text: f"<!DOCTYPE html>\n<html><body>{text}</body></html>".encode(),
    "nothing": lambda _: b"",
    "blanks": lambda _: b"  \n\n",
    "an old Word document": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
    "one bad byte": lambda text: text.replace(":", ": \xff", 1).encode("latin-1", "replace"),
}


def _bytes(encode: Callable[[str], bytes]) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        wanted = Wanted(places=(("job.yaml", ALL),), may_read=True, must_keep=True)
        return Slip(drop=with_text(job, encode(job.text)), wanted=wanted, right=job.drop)

    return make


def _appended(job: RightJob, _: Random) -> Slip:
    """PowerShell's `>>` behind a file that an editor wrote."""
    text = job.text.encode() + "count: 2\r\n".encode("utf-16-le")
    return told(with_text(job, text), [("job.yaml", job.text.count("\n") + 1)], "UTF-16")


def _chinese(text: str, right: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        wanted = Wanted(places=(("job.yaml", ALL),), may_read=bool(right))
        right_drop = replace(job, text=right, model="base").drop if right else None
        return Slip(drop=with_text(replace(job, model="base"), text), wanted=wanted, right=right_drop)

    return make


def _products(name: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        return told(job.with_value("products", name), [("job.yaml", job.line_of("products"))], right=job)

    return make


def _titled(title: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        written = json.dumps(title, ensure_ascii=False).replace("\\\\n", "\\n")
        if job.form == "json":
            text = json.dumps({"name": title, **json.loads(job.text)})
        else:
            text = f"name: {written}\n{job.text}"
        return read(with_text(job, text), job)

    return make
