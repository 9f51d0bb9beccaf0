"""A model card (README.md): its front matter, as Hugging Face and ModelScope write it, and its title.

Knows the text, and no file.
"""

from __future__ import annotations

import re

CARD_BYTES = 64 * 1024
"""Of a model card that are read: its front matter and its title stand at its beginning."""
ANCESTORS_READ = 5
"""Of those that a card names: a merge of more says nothing more."""
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LICENCE = re.compile(r"^(license_name|license):[ \t]*[\"']?([\w .:/+-]{1,100}?)[\"']?[ \t]*$", re.MULTILINE)
_ANCESTORS = re.compile(r"^base_model:[ \t]*(?:\[(.*?)\]|([^\s\[#][^\n]*))?((?:\n[ \t]*- [^\n]*)*)", re.MULTILINE)


def card_text(content: bytes) -> str:
    """A card's beginning, whatever program wrote it.

    Args:
        content: of README.md; empty where there is none.
    """
    text = content[:CARD_BYTES].decode("utf-8", errors="replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


class ModelCard:
    """What a card says."""

    def __init__(self, text: str) -> None:
        """Part it.

        Args:
            text: as `card_text` gives it.
        """
        found = _FRONT_MATTER.match(text)
        self._head, self._text = (found[1], text[found.end() :]) if found else ("", text)

    @property
    def title(self) -> str:
        """Its first heading; empty where there is none."""
        return next((line for line in self._text.splitlines() if line.startswith("#")), "")

    @property
    def licence(self) -> str | None:
        """The licence that its head names."""
        said = {found[1]: found[2].strip() for found in _LICENCE.finditer(self._head)}
        return said.get("license_name") or said.get("license")

    @property
    def ancestors(self) -> tuple[str, ...]:
        """What `base_model` names in its head, as one value or as a list."""
        found = _ANCESTORS.search(self._head)
        if found is None:
            return ()
        inline = (found[1] or found[2] or "").split(",")
        values = (*inline, *(line.strip().removeprefix("- ") for line in (found[3] or "").splitlines()))
        return tuple(value for one in values if (value := one.strip().strip("\"'")))[:ANCESTORS_READ]
