"""What downloads kept about the files of a model: the places to look, in the order in which they are believed.

ModelScope and browsers keep no hashes: ModelScope's `.msc` holds names and commits, as a pickle, which nobody opens
here (source: `hub/utils/caching.py` of modelscope).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from worker.studio.model_files.checking.checksum_files import ChecksumFiles
from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.git_records import GitRecords
from worker.studio.model_files.checking.hub_records import cached, copied_cache, local_dir


def expected_of(files: Iterable[Path]) -> Mapping[Path, Expected]:
    """What downloads kept about files; those of which nothing is known are left out.

    A record that cannot be read is none: what matters is the file.

    Args:
        files: absolute; links are followed step by step, as a cache's blobs are named by their hash.

    Raises:
        OSError: a file went missing, or cannot be read now.
    """
    sources = (local_dir, cached, GitRecords().expected, ChecksumFiles().expected, copied_cache)
    known = ((file, next((found for source in sources if (found := source(file))), None)) for file in files)
    return {file: expected for file, expected in known if expected is not None}
