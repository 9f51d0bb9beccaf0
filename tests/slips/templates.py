"""W1: templates that nobody fills, since their marks are another program's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Place, Slip
from slips.right_jobs import RightJob
from slips.variants import TABLES, Make, Variant, quoted, told, value_of, with_words, words_place

MARKS = (
    "{{%s}}", "{{ %s }}", "{{{%s}}}", "｛%s｝", "{｛%s｝}", "<%s>", "<<%s>>", "＜%s＞", "%%%s%%", "%%(%s)s", "[%s]",
    "[[%s]]",
    "［%s］", "${%s}", "$%s", "$%s$", "${{%s}}", "#{%s}", "@%s@", "@{%s}", "{$%s}", "{@%s}", "{#%s}", "{ %s }",
    "{{row.%s}}",
    "{{%s|upper}}", "{row[%s]}", "{%s!r}", "{.%s}", "«%s»", "【%s】", "__%s__", "{{products.%s}}", "{%%%s%%}",
    "{=%s}",
    "<%%= %s %%>", "*|%s|*", "!%s!", "<?=%s?>", "{{{{%s}}}}", "〈%s〉", "｛｛%s｝｝", "##%s##", "~%s~", ":%s:",
)  # fmt: skip
"""`%s` is the column's name. Jinja, Mustache, shells, Python, mail merge, Windows, Ruby, shops, chats."""
WORDS = (
    "prompt.not_filled", "table.same_prompts", "prompt.other_tools", "placeholder", "{colour}", "{angle}", "brace",
    "Nothing is called",
)  # fmt: skip
BARE = (
    "a {{colour}} mug", "a <colour> mug on <background>", "a ${colour} mug", "a %colour% mug",
    "a mug {% if sale %}with a tag{% endif %}",
    "一只{{颜色}}马克杯", "一只<颜色>马克杯", "一只${颜色}马克杯", "一只%颜色%马克杯",
    "{{ product.title }}, white background", "a {colour} mug",
    "[PRODUCT NAME] on a wooden table", "photo of {{{item}}}", "a ｛colour｝ mug", "一只｛颜色｝马克杯",
    "#{name} on a shelf",
    "一只{颜色}马克杯", "<insert colour here> mug", "[insert product here], soft light", "{product}, soft light",
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """A mark in a free template, in fields, in a matrix; no mark at all; one in a job without a table."""
    for mark in MARKS:
        yield Variant(kind="W1", name=f"all columns as {mark % 'x'}", make=_marked(mark, both=True), forms=TABLES)
        yield Variant(kind="W1", name=f"one column as {mark % 'x'}", make=_marked(mark, both=False), forms=("table",))
    for mark in MARKS[:24]:
        make = _marked(mark, both=True, names=("颜色", "商品名称"))
        yield Variant(kind="W1", name=f"Chinese columns as {mark % 'x'}", make=make, forms=("table",))
    for mark in MARKS[:20]:
        yield Variant(kind="W1", name=f"a matrix key as {mark % 'x'}", make=_matrix(mark), forms=("matrix",))
    yield Variant(kind="W1", name="no placeholder at all", make=_nothing, forms=TABLES)
    yield Variant(kind="W1", name="most rows alike", make=_alike, forms=TABLES)
    for text in BARE:
        yield Variant(kind="W1", name=f"without a table: {text}", make=_bare(text), forms=("bare",))


def _places(job: RightJob) -> tuple[Place, ...]:
    return (*words_place(job), (TABLE, 1), ("job.yaml", job.line_of("products")))


def _marked(mark: str, *, both: bool, names: tuple[str, str] = ("colour", "subject")) -> Make:
    colour, subject = names

    def make(job: RightJob, _: Random) -> Slip:
        def change(text: str) -> str:
            text = text.replace("{colour}", mark % colour)
            return text.replace("{subject}", mark % subject) if both else text

        assert job.table
        job = replace(job, table=job.table.renamed("colour", colour).renamed("subject", subject))
        slipped = with_words(job, change)
        if job.form == "table with fields":
            slipped = slipped.with_value("colour", quoted(mark % colour))
        places = {*_places(slipped), *((("job.yaml", slipped.line_of("colour")),) if "colour:" in job.text else ())}
        return told(slipped, sorted(places), *WORDS)

    return make


def _matrix(mark: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        slipped = with_words(job, lambda text: text.replace("{angle}", mark % "angle"))
        lines = [("job.yaml", slipped.line_of(key)) for key in ("prompt", "matrix", "angle")]
        return told(slipped, lines, *WORDS, "matrix")

    return make


def _nothing(job: RightJob, _: Random) -> Slip:
    slipped = with_words(job, lambda _: "a mug")
    slipped = slipped.with_value("colour", "red") if job.form == "table with fields" else slipped
    return told(slipped, _places(slipped), "table.same_prompts", "same prompt", "equal")


def _alike(job: RightJob, _: Random) -> Slip:
    """Everything but the id was filled down in the spreadsheet."""
    assert job.table
    table, first = job.table, job.table.rows[0]
    for row in range(1, len(table.rows)):
        for column in ("subject", "colour"):
            table = table.with_cell(row, column, first[table.column(column)])
    return told(replace(job, table=table), [*_places(job), (TABLE, 2), (TABLE, 3)], "table.same_prompts", "equal")


def _bare(text: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        slipped = with_words(job, lambda _: text)
        assert value_of(slipped, "prompt") == text
        return told(slipped, words_place(slipped), *WORDS)

    return make
