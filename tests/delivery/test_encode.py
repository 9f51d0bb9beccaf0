"""A picture's file is read back before anyone trusts it, whatever its format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.delivery.encode import encode, opens, verify
from worker.delivery.formats import FORMATS
from worker.delivery.provenance import Labels, labels
from worker.errors import WorkerError
from worker.records import Picture


@pytest.fixture(params=FORMATS.values(), ids=FORMATS)
def form(request):
    return request.param


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": Labels(parameters="other", xmp="<x/>")},
        {"picture": Picture(width_px=48, height_px=64, rgb=bytes(64 * 48 * 3))},
    ],
    ids=["labels", "size"],
)
def test_a_file_that_is_not_what_was_meant_is_a_bug(samples, form, changes):
    meant = {"picture": samples.picture(), "labels": labels(samples.request(), record=samples.record)}
    data = encode(**meant, image_format=form.name)
    verify(data, form, **meant)
    with pytest.raises(WorkerError, match="did not read back"):
        verify(data, form, **(meant | changes))


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.is_lossless])
def test_other_pixels_in_a_lossless_file_are_a_bug(samples, name):
    words = labels(samples.request(), record=samples.record)
    data = encode(samples.picture(), image_format=name, labels=words)
    black = Picture(width_px=64, height_px=48, rgb=bytes(64 * 48 * 3))
    with pytest.raises(WorkerError, match="A PNG of 64x48 did not read back" if name == "png" else "did not read back"):
        verify(data, FORMATS[name], picture=black, labels=words)


def test_a_format_that_forgets_its_labels_is_found_out(samples, form):
    meant = {"picture": samples.picture(), "labels": labels(samples.request(), record=samples.record)}
    forgetful = replace(form, read_labels=lambda image: None)
    with pytest.raises(WorkerError, match="did not read back"):
        verify(encode(**meant, image_format=form.name), forgetful, **meant)


def test_only_a_whole_picture_of_the_right_size_opens(samples, form):
    words = labels(samples.request(), record=samples.record)
    data = encode(samples.picture(), image_format=form.name, labels=words)
    assert opens(data, width_px=64, height_px=48)
    assert not opens(data, width_px=48, height_px=64)
    assert not opens(data[: len(data) // 2], width_px=64, height_px=48)
    assert not opens(b"not a picture", width_px=64, height_px=48)
