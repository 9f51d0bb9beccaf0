"""JSON Schemas of what a job and a try cost: seconds by stage, memory, temperature."""

from __future__ import annotations

from worker.delivery.schema_kinds import Schema, mapping, number

FILE_S = "Encoding a picture and writing its files, while the next one may be in work."


def job_costs() -> dict[str, Schema]:
    """At the head of a manifest: what the job cost."""
    return {
        "peak_mib": number("The highest peak of the card's allocator, in MiB; null on the CPU.", also_null=True),
        "max_temperature_c": number(
            "The highest temperature of the card while the last run worked on the job, in °C; null where unknown.",
            also_null=True,
        ),
        "file_s": number(f"{FILE_S} In seconds, of all pictures that the last run made.", also_null=True),
        "stages": {**stages("Of all tries together; null where none was measured."), "type": ["object", "null"]},
    }


def stages(description: str) -> Schema:
    """Seconds by stage.

    Args:
        description: of whose stages they are.
    """
    return mapping(
        f"Seconds by stage. {description}",
        {
            "encode_s": number("Prompts to embeddings; the first picture with a prompt bears it, the next ones none."),
            "denoise_s": number("Noise to latents; 0 where an earlier try's latents were kept."),
            "decode_s": number("Latents to pixels."),
        },
    )
