"""Which requests are made together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from worker.records import Request
from worker.studio.plan.grouping import BUCKET, group_by_shape

MUG = Request(
    shot_id="m", index=1, file="m.png", prompt="m", seed=1, width_px=256, height_px=256, steps=2, guidance=0.0
)


def test_equal_shapes_come_together_in_the_order_of_their_first(ask) -> None:
    sizes = (256, 512, 256, 512, 128)
    requests = [ask(file=f"{n}.png", width_px=side) for n, side in enumerate(sizes)]
    groups = [[request.file for request in alike] for alike in group_by_shape(requests, lambda _: (10,))]
    assert groups == [["0.png", "2.png"], ["1.png", "3.png"], ["4.png"]]


def test_captions_share_a_batch_only_within_one_bucket(ask) -> None:
    lengths = {"a.png": 1, "b.png": BUCKET, "c.png": BUCKET + 1}
    requests = [ask(file=file) for file in lengths]
    groups = [[r.file for r in alike] for alike in group_by_shape(requests, lambda request: (lengths[request.file],))]
    assert groups == [["a.png", "b.png"], ["c.png"]]


@given(st.lists(st.tuples(st.sampled_from([256, 512]), st.sampled_from([0.0, 3.0]), st.integers(1, 80)), max_size=20))
def test_every_request_is_made_once_and_groups_are_alike(options: list[tuple[int, float, int]]) -> None:
    requests = [
        replace(MUG, file=f"{n}.png", width_px=side, guidance=guidance) for n, (side, guidance, _) in enumerate(options)
    ]
    tokens = {request.file: (length,) for request, (_, _, length) in zip(requests, options, strict=True)}
    groups = list(group_by_shape(requests, lambda request: tokens[request.file]))
    assert sorted(r.file for alike in groups for r in alike) == sorted(r.file for r in requests)
    for alike in groups:
        assert len({(r.width_px, r.guidance, -(-tokens[r.file][0] // BUCKET)) for r in alike}) == 1
