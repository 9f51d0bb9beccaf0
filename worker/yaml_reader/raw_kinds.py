"""Kinds of faults in a raw text: what each is called, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.translation import Text, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault: `{character}`, `{plain}` and `{lines}` are filled in."""

    message: Text
    remedy: Text
    is_warning: bool = False
    """What is meant is clear, and is what is read."""
    rule: str = "yaml.character"
    is_one: bool = False
    """All lines that have it are told at once, however few."""


_CHARACTER, _PLAIN, _LINES = "?", "?", "?"

KINDS: Mapping[str, Kind] = {
    "colon": Kind(
        message=gettext("{character} stands after a key; it is read as `: `.", character=_CHARACTER),
        remedy=gettext("Write `: ` (colon and space)."),
        is_warning=True,
    ),
    "no_space": Kind(
        message=gettext("A space is missing after the colon."), remedy=gettext("Write `key: value`."), rule="yaml.space"
    ),
    "dash_space": Kind(
        message=gettext("A space is missing after the dash."),
        remedy=gettext("Write `- ` (hyphen and space)."),
        rule="yaml.space",
    ),
    "indent": Kind(
        message=gettext("{character} stands in the indentation, where YAML takes it for a letter.", character="?"),
        remedy=gettext("Indent with plain spaces."),
    ),
    "tab": Kind(
        message=gettext("This line begins with a tab."), remedy=gettext("Indent with spaces."), rule="yaml.tab"
    ),
    "dash_tab": Kind(
        message=gettext("A tab stands between the dash and the key."),
        remedy=gettext("Write `- ` (hyphen and space)."),
        rule="yaml.tab",
    ),
    "space": Kind(
        message=gettext("{character} stands in place of a plain space; it is read as one.", character=_CHARACTER),
        remedy=gettext("Write a plain space."),
        is_warning=True,
    ),
    "space_hash": Kind(
        message=gettext(
            "{character} stands before `#`, so that YAML takes what follows for a part of the text.", character="?"
        ),
        remedy=gettext("Write a plain space before the comment."),
    ),
    "dash": Kind(
        message=gettext("{character} stands in place of the dash of a list; it is read as `- `.", character=_CHARACTER),
        remedy=gettext("Write `- ` (hyphen and space)."),
        is_warning=True,
    ),
    "hash": Kind(
        message=gettext("{character} stands in place of `#`; the line is read as a comment.", character=_CHARACTER),
        remedy=gettext("Write a plain `#`."),
        is_warning=True,
    ),
    "comma": Kind(
        message=gettext("{character} stands between two entries; it is read as `, `.", character=_CHARACTER),
        remedy=gettext("Write `, ` (comma and space)."),
        is_warning=True,
    ),
    "bracket": Kind(
        message=gettext("{character} stands in place of `{plain}`.", character=_CHARACTER, plain=_PLAIN),
        remedy=gettext("Write `{plain}`.", plain=_PLAIN),
    ),
    "quote": Kind(
        message=gettext("{character} is no quotation mark of YAML; here it is read as one.", character=_CHARACTER),
        remedy=gettext('Write a straight quotation mark (").'),
        is_warning=True,
    ),
    "after_quote": Kind(
        message=gettext("The text goes on after its closing quotation mark."),
        remedy=gettext("Put the whole text in quotes, with the other kind outside: '\"red\" mug'."),
        rule="yaml.quote",
    ),
    "late_quote": Kind(
        message=gettext("This quotation mark is closed only in a line below."),
        remedy=gettext("Close it where its text ends."),
        rule="yaml.quote",
    ),
    "line_end_quoted": Kind(
        message=gettext("{character} stands in this text, which nobody sees; it is kept.", character=_CHARACTER),
        remedy=gettext("Write a blank, or delete it."),
        is_warning=True,
    ),
    "invisible": Kind(
        message=gettext("{character} stands here, which nobody sees; it is left out.", character=_CHARACTER),
        remedy=gettext("Delete it."),
        is_warning=True,
    ),
    "written": Kind(
        message=gettext(
            "`{written}` is written with {character}; it is read as `{plain}`.",
            written="?",
            character=_CHARACTER,
            plain=_PLAIN,
        ),
        remedy=gettext("Write it anew with plain characters."),
        is_warning=True,
    ),
    "line_end": Kind(
        message=gettext(
            "{character} stands here: the end of a line for YAML, and for no editor.", character=_CHARACTER
        ),
        remedy=gettext("Delete it, or begin a new line."),
    ),
    "line_end_comment": Kind(
        message=gettext(
            "{character} stands in this comment; what follows it is read as a part of the comment.", character="?"
        ),
        remedy=gettext("Delete it, or begin a new line."),
        is_warning=True,
    ),
    "control": Kind(
        message=gettext("There is a character, {character}, that no text may hold.", character=_CHARACTER),
        remedy=gettext("Delete it, or begin a new line."),
    ),
    "fence": Kind(
        message=gettext("This line is a code fence, as chats and web pages write it, and no part of the job."),
        remedy=gettext("Delete {lines}.", lines=_LINES),
        rule="yaml.code_fence",
        is_one=True,
    ),
    "prose": Kind(
        message=gettext("This line is a sentence beside the job, and no part of it."),
        remedy=gettext("Delete {lines}.", lines=_LINES),
        rule="yaml.prose",
        is_one=True,
    ),
    "no_colon": Kind(
        message=gettext("This line has no `: ` (colon and space), so it is no key with a value."),
        remedy=gettext("Write `key: value`; or delete the line, if it is no part of the file."),
        rule="yaml.no_colon",
    ),
    "unindented": Kind(
        message=gettext("This line belongs to the text that `|` or `>` begins, and does not stand further right."),
        remedy=gettext("Begin each line of the text with two spaces more than its key."),
        rule="yaml.block",
    ),
    "cut": Kind(
        message=gettext("`#` begins a comment here, which ends the text before the text is over."),
        remedy=gettext("Put the whole text in quotes, or delete the comment."),
        rule="yaml.comment",
    ),
    "prefix": Kind(
        message=gettext(
            "`{plain}` stands before the line, as quoted mails and comparisons of files (diff) have it.", plain=_PLAIN
        ),
        remedy=gettext("Delete it in {lines}.", lines=_LINES),
        rule="yaml.prefix",
        is_one=True,
    ),
    "dropped": Kind(
        message=gettext("`{written}` is read as a comment and would be dropped.", written="?"),
        remedy=gettext(
            "If it belongs to the text, put the whole text in quotes; if it is a comment, write a space after `#`."
        ),
        rule="yaml.comment",
    ),
    "html": Kind(
        message=gettext("`{written}` is how a web page writes `{plain}`.", written="?", plain=_PLAIN),
        remedy=gettext("Write `{plain}` itself.", plain=_PLAIN),
        rule="yaml.html",
    ),
    "slashes": Kind(
        message=gettext("`{written}` begins no comment in this file.", written="?"),
        remedy=gettext("Write `#`, or delete the comment."),
        rule="yaml.comment",
    ),
    "comma_left": Kind(
        message=gettext("A comma stands after the value, where nothing follows."),
        remedy=gettext("Delete it."),
        rule="yaml.json",
    ),
    "no_comma": Kind(
        message=gettext("A comma is missing before this entry."),
        remedy=gettext("Write one after the entry above."),
        rule="yaml.json",
    ),
    "unclosed": Kind(
        message=gettext("`{written}` is opened here, and no `{plain}` closes it.", written="?", plain=_PLAIN),
        remedy=gettext("Write `{plain}` where what it holds ends.", plain=_PLAIN),
        rule="yaml.json",
    ),
    "never_closed": Kind(
        message=gettext("A bracket is opened here and never closed."),
        remedy=gettext("Close it, or copy the file once more."),
        rule="yaml.json",
    ),
    "closes_early": Kind(
        message=gettext("The object ends with this bracket, and its entries go on behind it."),
        remedy=gettext("Delete it, or put it behind the last entry."),
        rule="yaml.json",
    ),
    "closes_nothing": Kind(
        message=gettext("`{written}` closes nothing: no bracket is open here.", written="?"),
        remedy=gettext("Delete it, or open one before."),
        rule="yaml.json",
    ),
    "second_object": Kind(
        message=gettext("A second object begins here: a file holds one job."),
        remedy=gettext("Make a file of each, or write one job with several shots."),
        rule="yaml.json",
    ),
    "marker": Kind(
        message=gettext("{character} stands in place of `---`.", character=_CHARACTER),
        remedy=gettext("Delete the line."),
    ),
}
