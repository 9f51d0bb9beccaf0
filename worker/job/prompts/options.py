"""Options of other programs, such as `--ar 16:9`, and which key of a job each is.

Knows names of options and what to do instead, which other marks need too; no text.
"""

from __future__ import annotations

import re

from worker.lazy_patterns import LazyPattern
from worker.translation import gettext

LORA = gettext("LoRAs are not supported yet. Leave it out.")
LEAVE_IT_OUT = gettext("Leave it out.")
NEGATIVE = gettext("Write what should not be there under `negative_prompt`, which acts above guidance 0.")
_FLAG_WORDS = (
    "ar|aspect|v|version|s|stylize|style|q|quality|chaos|c|niji|seed|sameseed|no|neg|negative|negative_prompt|iw|sref|"
    "no-text|no-logo|no-watermark|cref|oref|cw|sw|ow|tile|weird|raw|hd|fast|relax|turbo|stop|repeat|uplight|upbeta|test|testp|creative|video|p|"
    "profile|exp|draft|w|h|width|height|steps|cfg|guidance|n|i|sampler|model|m|lora|zoom|sv|motion|loop|bs|stealth|public"
)
OPTION = LazyPattern(
    rf"(?<![\w-])(?:--(?P<flag>{_FLAG_WORDS})(?:(?![\w-])(?:[ =]+(?P<value>[^\s,]+))?|(?=\d)[\d.:]+(?!\w))"
    r"|(?:—{1,2}|–{1,2}|--? ?(?=ar\b))(?P<turned>ar|aspect|v|niji|stylize|chaos|seed|s|q|sref|cref|iw)[ =]+"
    r"(?P<number>\d[\d:.]*|https?://\S+)(?![\w]))",
    re.ASCII | re.IGNORECASE,
)
OPTION_REMEDIES = {
    ("ar", "aspect", "w", "h", "width", "height"): gettext("Write `size`, such as `size: 1280x720` or `size: wide`."),
    ("no", "neg", "negative", "negative_prompt", "no-text", "no-logo", "no-watermark"): NEGATIVE,
    ("seed", "sameseed"): gettext("Write the key `seed`."),
    ("steps", "q", "quality"): gettext("Write the key `steps`."),
    ("cfg", "guidance"): gettext("Write the key `guidance`."),
    ("n", "repeat", "r"): gettext("Write the key `count`."),
    ("lora",): LORA,
}
