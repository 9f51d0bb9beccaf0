"""Types of the settings about the card: what a ceiling for its temperature may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

CardCeiling = Annotated[int, Field(ge=40, le=110)]
"""In °C: an idle card in a warm room is not far below 40, and none computes above 110."""
