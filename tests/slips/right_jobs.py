"""Right jobs and tables, as shops and studios write them: nothing may be said of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

import yaml

from slips.drops import Drop, Model
from slips.tables import Table
from slips.wording import WORDS, Tongue, Words

Form = Literal["bare", "shots", "product", "matrix", "table", "table with fields", "json"]
FORMS: tuple[Form, ...] = ("bare", "shots", "product", "matrix", "table", "table with fields", "json")

SIZES: Mapping[Model, tuple[str, ...]] = {
    "turbo": ("1024x1024", "square", "portrait", "landscape", "1152x864", "864x1152", "1280x720", "wide", "tall"),
    "base": ("1024x1024", "square", "portrait", "landscape", "1152x864", "1280x720", "1024x1024", "1024X1024"),
    "demo": ("256x256",),
    "turbo folder": ("1024x1024", "square", "portrait", "wide", "tall"),
    "base folder": ("1024x1024", "landscape", "1280x720"),
}
ID_COLUMNS = ("sku", "sku", "sku", "SKU", "货号", "商品编码", "Artikelnummer", "Article Number", "item_no", "商家编码")
OTHER_COLUMNS = (
    ("price", "12.90"), ("stock", "3"), ("价格", "¥199.00"), ("库存", "120"), ("EAN", "4006381333931"),
    ("Vendor", "Acme"),
    ("Published", "TRUE"), ("Weight (g)", "250"), ("Option1 Name", "Colour"), ("上架时间", "2024-05-01"), ("notes", ""),
    ("Image Src", "https://cdn.example.com/a.jpg"), ("In stock?", "yes"), ("类目", "家居/杯具"),
)  # fmt: skip
ANGLES: Mapping[Tongue, tuple[str, ...]] = {
    "en": ("front view", "three-quarter view", "top-down view", "close-up (macro)", "50 mm f/1.8, eye level"),
    "zh": ("正面视角", "斜侧视角", "俯拍", "特写（微距）", "平视（浅景深）"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RightJob:
    """A job with nothing wrong in it."""

    text: str
    """Of job.yaml."""
    model: Model
    tongue: Tongue
    form: Form
    table: Table | None = None
    ids: tuple[str, ...] = ()
    """Of the shots, where the job says them."""

    @property
    def drop(self) -> Drop:
        """As it is dropped."""
        files = {"job.yaml": self.text.encode()}
        if self.table:
            files[self.table.name] = self.table.data
        return Drop(files=files, model=self.model, is_folder=self.table is not None)

    def line_of(self, key: str) -> int:
        """The first line on which a key stands, from 1."""
        lines = self.text.splitlines()
        return next(n for n, line in enumerate(lines, start=1) if re.match(rf"\s*(- )?{re.escape(key)}:", line))

    def with_line(self, number: int, line: str) -> RightJob:
        """Another text on a line, counted from 1."""
        lines = self.text.splitlines()
        return replace(self, text="\n".join([*lines[: number - 1], line, *lines[number:]]) + "\n")

    def with_value(self, key: str, value: str) -> RightJob:
        """Another value behind the first such key, as it is written."""
        number = self.line_of(key)
        line = self.text.splitlines()[number - 1]
        return self.with_line(number, f"{line[: line.index(':')]}: {value}")


def right_job(random: Random, *, form: Form | None = None, tongue: Tongue | None = None) -> RightJob:
    """A right job of a form; of any where none is asked for."""
    form = form or random.choice(FORMS)
    tongue = tongue or random.choice(["en", "zh"])
    model = random.choice([*SIZES, "base"])
    data = _settings(random, model)
    made = _FORMS[form](random, WORDS[tongue], tongue)
    body, table = made if isinstance(made, tuple) else (made, None)
    data = {**data, **body} if random.random() < 0.7 else {**body, **data}
    if data.get("size") == "1024X1024":
        data["size"] = ["1024", "1024"]
    written = json.dumps(data, ensure_ascii=random.random() < 0.5, indent=1) if form == "json" else dumped(data, random)
    ids = tuple(row[0] for row in table.rows) if table else tuple(shot["id"] for shot in data.get("shots", ()))
    return RightJob(text=written + "\n", model=model, tongue=tongue, form=form, table=table, ids=ids)


def _settings(random: Random, model: Model) -> dict[str, Any]:
    """Some of the keys that any job may have."""
    all_ = {
        "version": "1",
        "size": random.choice(SIZES[model]),
        "steps": random.choice(["8", "9", "12"]),
        "seed": str(random.randrange(2**32)),
        "count": random.choice(["1", "2", "3"]),
        "priority": random.choice(["high", "low", "5"]),
        "format": random.choice(["png", "jpeg", "webp", "jpg"]),
        "metadata": {"campaign": "Spring '26", "country": "NO", "编号": "010"},
        "allow": ["new_seed"],
    }
    if not model.startswith("turbo"):
        all_ |= {"guidance": "4", "negative_prompt": random.choice(["text, watermark", "文字，水印，模糊", "blurry"])}
    chosen = {key: value for key, value in all_.items() if random.random() < 0.3}
    if "negative_prompt" in chosen:
        chosen["guidance"] = "4"
    return chosen


def _bare(random: Random, words: Words, _: Tongue) -> dict[str, Any]:
    return {"prompt": words.prompt(random)}


def _shots(random: Random, words: Words, _: Tongue) -> dict[str, Any]:
    ids = random.sample(["MUG-01", "VAS-02", "A_3", "hero shot", "包装正面", "00123", "No.7"], random.choice([2, 3]))
    return {"shots": [{"id": one, "prompt": words.prompt(random)} for one in ids]}


def _fields(random: Random, words: Words) -> dict[str, Any]:
    rest = {"scene": words.scenes, "light": words.lights, "camera": words.cameras, "texture": words.textures}
    return {key: random.choice(texts) for key, texts in rest.items() if random.random() < 0.8}


def _product(random: Random, words: Words, _: Tongue) -> dict[str, Any]:
    product = {"subject": random.choice(words.subjects), "colour": random.choice(words.colours)}
    more = {"material": random.choice(words.materials), "details": random.choice(words.details)}
    product |= {key: text for key, text in more.items() if random.random() < 0.6}
    return {"shot": {"product": product, **_fields(random, words)}}


def _matrix(random: Random, words: Words, tongue: Tongue) -> dict[str, Any]:
    angles = random.sample(ANGLES[tongue], random.choice([2, 3]))
    return {
        "prompt": words.comma.join([words.prompt(random), "{angle}"]),
        "matrix": {"angle": angles},
    }


def _table(random: Random, words: Words, _: Tongue) -> tuple[dict[str, Any], Table]:
    return {"products": "products.csv", "prompt": words.template(random, "colour", "subject")}, _rows(random, words)


def _table_with_fields(random: Random, words: Words, _: Tongue) -> tuple[dict[str, Any], Table]:
    shot = {"product": {"subject": "{subject}", "colour": "{colour}"}, **_fields(random, words)}
    return {"products": "products.csv", "shot": shot}, _rows(random, words)


def _rows(random: Random, words: Words) -> Table:
    """A table that fits the templates above; each product once."""
    rows = range(random.choice([2, 3, 5]))
    subjects = random.sample(words.subjects, len(rows))
    begin = random.choice(["MUG-{:02}", "00{}", "A{:03}-红", "2024/{}".replace("/", "_"), "{:06}"])
    table = Table(
        columns=(random.choice(ID_COLUMNS), "subject", "colour"),
        rows=tuple((begin.format(n + 1), subjects[n], random.choice(words.colours)) for n in rows),
        delimiter=random.choice([",", ",", ";", "\t"]),
        encoding=random.choice(["utf-8", "utf-8-sig"]),
        newline=random.choice(["\r\n", "\n"]),
    )
    for name, value in random.sample(OTHER_COLUMNS, random.choice([0, 1, 3])):
        table = table.with_column(name, value)
    return table


_FORMS: Mapping[Form, Callable[[Random, Words, Tongue], Any]] = {
    "bare": _bare,
    "shots": _shots,
    "product": _product,
    "matrix": _matrix,
    "table": _table,
    "table with fields": _table_with_fields,
    "json": _bare,
}


def dumped(data: Mapping[str, Any], random: Random, indent: str = "") -> str:
    """The mapping as a person writes YAML: a key a line, quotes only where they are needed or liked."""
    lines: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", dumped(value, random, f"{indent}  ")]
        elif isinstance(value, list) and isinstance(value[0], dict):
            lines.append(f"{indent}{key}:")
            for one in value:
                lines.append(f"{indent}  - {dumped(one, random, f'{indent}    ').lstrip()}")
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: [{', '.join(scalar(one, random, in_list=True) for one in value)}]")
        else:
            lines.append(f"{indent}{key}: {scalar(value, random)}")
    return "\n".join(lines)


def scalar(text: str, random: Random, *, in_list: bool = False) -> str:
    """The text as a value: plain where YAML reads the same, and sometimes in quotes all the same."""
    around = "[{}]" if in_list else "k: {}"
    if random.random() < 0.8 and _is_read_as(text, around):
        return text
    single, double = "'" + text.replace("'", "''") + "'", '"' + text.replace('"', '\\"') + '"'
    return random.choice([one for one in (single, double) if _is_read_as(one, around, text)])


def _is_read_as(written: str, around: str, text: str | None = None) -> bool:
    try:
        read = yaml.load(around.format(written), yaml.BaseLoader)
    except yaml.YAMLError:
        return False
    return bool(read == ([text or written] if around == "[{}]" else {"k": text or written}))
