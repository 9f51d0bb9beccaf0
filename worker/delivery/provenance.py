"""What a picture's file says of its own origin: the `parameters` text and the XMP packet.

In the words of Stable Diffusion tools, of IPTC and of XMP, so that their readers find it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape

from worker.identity import ModelIdentity, WorkerIdentity
from worker.lazy_patterns import LazyPattern
from worker.manifest_records import JobRecord
from worker.records import Request

TEXT_CHARACTERS = 6000
"""Most characters of a prompt, and of a negative prompt, kept inside the picture; the sidecar has all of them.

The text encoder reads 512 tokens (source: ZImagePipeline, max_sequence_length), far fewer than this. Two such texts
stay under the 64 kB of a JPEG segment in the worst case, 5 bytes a character in XMP (`&amp;`) and 4 in EXIF.
"""

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""Says: made by a trained model. Source: IPTC NewsCodes; Google Merchant Center asks for exactly this value."""

SAMPLER = "Euler"
"""The one scheduler that Z-Image uses (FlowMatchEulerDiscreteScheduler)."""

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
{properties}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

# Everything XML 1.0 has no way to say, not even escaped: one such character makes the whole packet unreadable.
_ILLEGAL_IN_XML = LazyPattern("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = LazyPattern("\r\n?")  # XML readers turn these into \n anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The two texts that every picture carries, whatever its format."""

    parameters: str
    """For Stable Diffusion tools (A1111, Civitai and readers of theirs)."""
    xmp: str
    """An XMP packet; for shops, agencies and photo tools."""


def labels(request: Request, *, record: JobRecord) -> Labels:
    """Both texts for one picture.

    Args:
        request: as it was made: with the seed that was taken.
        record: of the job.
    """
    return Labels(
        parameters=parameters(request, model=record.model, worker=record.worker),
        xmp=xmp(request, record=record),
    )


def parameters(request: Request, *, model: ModelIdentity, worker: WorkerIdentity) -> str:
    """The `parameters` text.

    `CFG scale` is ZImagePipeline's guidance scale as the job gives it: 0 is off, 4 is a classic CFG scale of 5.

    Source: save_image_with_geninfo and create_infotext of AUTOMATIC1111/stable-diffusion-webui.

    Args:
        request: as it was made: with the seed that was taken.
        model: whose weights made it.
        worker: whose version is named.
    """
    settings = {
        "Steps": str(request.steps),
        "Sampler": SAMPLER,
        "CFG scale": f"{request.guidance:g}",
        "Seed": str(request.seed),
        "Size": f"{request.width_px}x{request.height_px}",
        "Model hash": model.sha256[:10],
        "Model": model.id,
        "Version": _tool(worker),
    }
    last_line = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items())
    return f"{_prompts(request)}\n{last_line}"


def xmp(request: Request, *, record: JobRecord) -> str:
    """The XMP packet; `CreateDate` is when the run that made the picture began, since nothing here reads a clock.

    Source: IPTC Photo Metadata Standard 2025.1; the XMP specification, part 1.

    Args:
        request: as it was made: with the seed that was taken.
        record: of the job.
    """
    model = record.model
    properties = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        "Iptc4xmpExt:AISystemUsed": f"Z-Image ({model.id})",
        "Iptc4xmpExt:AISystemVersionUsed": f"{model.kind}, weights sha256 {model.sha256}",
        "Iptc4xmpExt:AIPromptInformation": _prompts(request),
        "xmp:CreatorTool": _tool(record.worker),
        "xmp:CreateDate": record.started_at,
    }
    lines = (f"   <{name}>{escape(_legible(value), quote=False)}</{name}>" for name, value in properties.items())
    return _PACKET.format(properties="\n".join(lines))


def _tool(worker: WorkerIdentity) -> str:
    return f"zimage-worker {worker.version}"


def _prompts(request: Request) -> str:
    """The prompt, and in a line of its own the negative prompt where there is one."""
    prompt = _clipped(_legible(request.prompt))
    negative = _clipped(_legible(request.negative_prompt))
    return f"{prompt}\nNegative prompt: {negative}" if negative else prompt


def _legible(text: str) -> str:
    return _ILLEGAL_IN_XML.sub("", _LINE_ENDS.sub("\n", text))


def _clipped(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS else f"{text[: TEXT_CHARACTERS - 1]}…"


def _quoted(value: str) -> str:
    """A value of the last line; quoted as A1111 does where it would else look like the next setting."""
    return json.dumps(value, ensure_ascii=False) if re.search("[,:\n]", value) else value
