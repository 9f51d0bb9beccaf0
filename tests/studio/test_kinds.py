"""The kind of a model: what a name means, what signs come to, and both sides where they contradict each other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from worker.identity import ModelKind
from worker.settings import Settings
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.kind_signs import ToldKind, folder_name, told_kind
from worker.studio.model_files.kinds import KINDS, Sign, Trust, decided, few_steps, kinds_in, kinds_of_shift
from worker.studio.model_files.model_record import read_model_record
from worker.studio.model_files.parts import ModelSource

TURBO_SHIFT, BASE_SHIFT = 3.0, 6.0


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("z_image_turbo_bf16", ["turbo"]),
        ("Z-Image-Turbo", ["turbo"]),
        ("zimageturbo_v1", ["turbo"]),
        ("zImageTurbo_v70_bf16", ["turbo"]),
        ("ZIT-anime-v2", ["turbo"]),
        ("z_image_turbo_8steps_distilled", ["turbo"]),
        ("造相Turbo写实", ["turbo"]),
        ("Ｚ－Ｉｍａｇｅ－Ｔｕｒｂｏ", ["turbo"]),
        ("z-image-de-turbo", ["de-turbo"]),
        ("z_image_de_turbo_v1_bf16", ["de-turbo"]),
        ("zImageDeTurbo_v1", ["de-turbo"]),
        ("ostris/Z-Image-De-Turbo", ["de-turbo"]),
        ("z-image-dedistilled", ["de-turbo"]),
        ("Z-Image 去蒸馏版", ["de-turbo"]),
        ("Z-Image-Base-8steps-distill", ["distilled"]),
        ("zImageBase8Steps", ["distilled"]),
        ("Z-Image-Distilled-v2", ["distilled"]),
        ("造相4步蒸馏", ["distilled"]),
        ("造相 8步", ["distilled"]),
        ("my-base", ["base"]),
        ("zimagebase_v1", ["base"]),
        ("zib_portrait", ["base"]),
        ("Z-Image-Omni-Base", ["base"]),
        ("造相基础版", ["base"]),
        ("Tongyi-MAI/Z-Image", ["base"]),
        ("zImageTurboBase_v2", ["turbo", "base"]),
        ("Z-Image", []),
        ("cyberrealisticZImage_v70_bf16", []),
        ("database", []),
        ("z-image-based-anime", []),
        ("exhibit", []),
        ("anime_30steps", []),
        ("mine-epoch-10-step-3000", []),
        ("", []),
    ],
)
def test_words_of_a_name_mean_kinds(name: str, kinds: list[ModelKind]) -> None:
    assert [*kinds_in(name)] == kinds


def test_a_few_step_model_says_for_how_many_steps_it_is() -> None:
    names = ["Z-Image-Base-8steps-distill", "zImage-4-step", "造相2步", "50steps", "0steps", "v8"]
    assert [few_steps(name) for name in names] == [8, 4, 2, None, None, None]


def test_a_shift_means_a_kind_only_where_it_is_a_number_of_that_kind() -> None:
    shifts = [3.0, 3, 6.0, 5, 7, 4.0, True, "3.0", None, float("nan")]
    found = [(), ("turbo",), ("base",)]
    assert [found.index(kinds_of_shift(shift)) for shift in shifts] == [1, 1, 2, 2, 2, 0, 0, 0, 0, 0]


def sign(kind: ModelKind, trust: Trust) -> Sign:
    return Sign(kind=kind, trust=trust, where="somewhere")


@pytest.mark.parametrize(
    ("signs", "kind"),
    [
        ([], None),
        ([("turbo", Trust.SHIFT)], "turbo"),
        ([("base", Trust.NAME), ("turbo", Trust.SHIFT)], "base"),
        ([("turbo", Trust.NAME), ("base", Trust.SHIFT)], "turbo"),
        ([("turbo", Trust.FILE), ("base", Trust.NAME), ("base", Trust.LINEAGE), ("base", Trust.SHIFT)], "turbo"),
        # two names against one; then the weaker sign; then the safer side
        ([("turbo", Trust.NAME), ("base", Trust.NAME), ("turbo", Trust.NAME)], "turbo"),
        ([("turbo", Trust.NAME), ("base", Trust.NAME), ("turbo", Trust.SHIFT)], "turbo"),
        ([("turbo", Trust.NAME), ("base", Trust.NAME)], "base"),
        ([("turbo", Trust.NAME), ("distilled", Trust.NAME)], "distilled"),
        # what it was made from speaks for it
        ([("de-turbo", Trust.NAME), ("turbo", Trust.NAME), ("turbo", Trust.SHIFT)], "de-turbo"),
        ([("distilled", Trust.FILE), ("base", Trust.NAME), ("base", Trust.SHIFT)], "distilled"),
    ],
)
def test_the_most_trusted_signs_decide_then_the_weaker_ones_then_the_safer_side(signs: list, kind: str | None) -> None:
    assert decided([sign(*one) for one in signs]) == kind
    assert decided([sign(*one) for one in reversed(signs)]) == kind


def made(folder: Path, *, shift: object = TURBO_SHIFT, card: str = "", **index: object) -> Path:
    """As much of a model's folder as tells its kind."""
    (folder / "scheduler").mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps(index))
    config = {"shift": shift} if not isinstance(shift, dict) else shift
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps(config))
    (folder / "README.md").write_text(card, "utf-8")
    return folder


def single_file(path: Path, **metadata: str) -> Path:
    header = json.dumps({"__metadata__": metadata} if metadata else {}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    return path


def record(folder: Path, **values: object) -> None:
    """What `model add` writes, with other values."""
    usual = {"schema": 1, "name": "mug", "shift": None, "source": ["mug"], "verified": None, "licence": None}
    usual |= {"recommended": {"steps": 8, "guidance": 0.0}, "files": {}}
    (folder / "model.json").write_text(json.dumps(usual | values))


def told(folder: Path, file: Path | None = None, **more) -> ToldKind:
    found = told_kind(ModelSource(folder=folder, transformer_file=file), read_model_record(folder), **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "shift", "file", "kind", "settings", "is_doubtful"),
    [
        # of a folder, where its own scheduler stays
        ("Z-Image-Turbo", TURBO_SHIFT, None, "turbo", (8, 0.0, None), False),
        ("Z-Image-Turbo", 7.0, None, "turbo", (8, 0.0, None), True),
        ("my-base-finetune", TURBO_SHIFT, None, "base", (40, 4.0, None), True),
        ("z-image-de-turbo", TURBO_SHIFT, None, "de-turbo", (25, 2.5, None), False),
        ("z-image-de-turbo", BASE_SHIFT, None, "de-turbo", (25, 2.5, None), True),
        ("Z-Image-Base-4steps-distill", BASE_SHIFT, None, "distilled", (4, 0.0, None), False),
        ("base", {"shift": 3.0, "use_dynamic_shifting": True}, None, "base", (40, 4.0, None), False),
        ("mine", BASE_SHIFT, None, "base", (40, 4.0, None), False),
        ("Z-Image", 4.0, None, "base", (40, 4.0, None), False),
        ("Z-Image", TURBO_SHIFT, None, "turbo", (8, 0.0, None), True),
        # of a single file, which brings its own
        ("Z-Image-Turbo", TURBO_SHIFT, "z_image_turbo_bf16", "turbo", (8, 0.0, 3.0), False),
        ("Z-Image-Turbo", TURBO_SHIFT, "z_image_base_bf16", "base", (40, 4.0, 6.0), True),
        ("Z-Image-Turbo", TURBO_SHIFT, "z_image_bf16", "base", (40, 4.0, 6.0), True),
        ("Z-Image-Turbo", TURBO_SHIFT, "z-image-de-turbo", "de-turbo", (25, 2.5, 3.0), False),
        ("Z-Image-Base", BASE_SHIFT, "z_image_turbo_bf16", "turbo", (8, 0.0, 3.0), True),
        ("Z-Image-Base", BASE_SHIFT, "Z-Image-Base-8steps-distill", "distilled", (8, 0.0, 6.0), False),
        ("Z-Image-Turbo", TURBO_SHIFT, "zImageTurboBase_v2", "turbo", (8, 0.0, 3.0), True),
        ("Z-Image-Base", BASE_SHIFT, "zImageTurboBase_v2", "base", (40, 4.0, 6.0), True),
        ("Z-Image-Turbo", TURBO_SHIFT, "cyberrealistic_v7", "turbo", (8, 0.0, None), False),
        ("mine", {"shift": 3.0, "use_dynamic_shifting": True}, "造相基础版", "base", (40, 4.0, 6.0), False),
    ],
)
def test_folders_and_single_files_as_people_have_them(
    tmp_path: Path, name: str, shift: object, file: str | None, kind: str, settings: tuple, is_doubtful: bool
) -> None:
    weights = single_file(tmp_path / f"{file}.safetensors") if file else None
    found = told(made(tmp_path / name, shift=shift), weights)
    assert found.kind == kind
    assert (found.recommendation.steps, found.recommendation.guidance, found.shift) == settings
    assert bool(found.contradiction) == is_doubtful


def test_a_contradiction_names_both_sides_with_their_places_and_what_to_write(tmp_path: Path) -> None:
    found = told(made(tmp_path / "my-base", shift=TURBO_SHIFT))
    assert found.contradiction == (
        "What tells the kind of this model contradicts itself: turbo by the scheduler's shift 3.0; but base by the "
        "folder's name 'my-base'. It is taken for base. Say which it is: `model_kind: base`, or `turbo`."
    )
    decided_by_hand = told(tmp_path / "my-base", asked="turbo")
    assert (decided_by_hand.kind, decided_by_hand.contradiction) == ("turbo", "")


@pytest.mark.parametrize(
    ("card", "index", "kind"),
    [
        ("---\nbase_model: Tongyi-MAI/Z-Image\n---\n# Anime\n", {}, "base"),
        ("---\r\nbase_model:\r\n- Tongyi-MAI/Z-Image\r\n---\r\n# Anime\r\n", {}, "base"),
        ('---\ntags: [a]\nbase_model: ["Tongyi-MAI/Z-Image"]\n---\n', {}, "base"),
        ("\ufeff---\nx: 1\n---\n\n# Z-Image De-Turbo\n", {}, "de-turbo"),
        ("# Z-Image-Base for shops\n", {}, "base"),
        ("", {"_name_or_path": "Tongyi-MAI/Z-Image"}, "base"),
        ("", {"_name_or_path": "/hub/models--Tongyi-MAI--Z-Image/snapshots/0e36c2"}, "base"),
        ("# Anime\n---\nbase_model: Tongyi-MAI/Z-Image\n---\n", {"_name_or_path": "Tongyi-MAI/Z-Image-Turbo"}, "turbo"),
        ("base_model: Tongyi-MAI/Z-Image\n", {"_name_or_path": 7}, "turbo"),  # no front matter: the scheduler is left
    ],
)
def test_the_card_and_the_index_tell_it_where_the_folder_has_no_word(
    tmp_path: Path, card: str, index: dict, kind: str
) -> None:
    assert told(made(tmp_path / "mine", card=card, **index)).kind == kind


def test_a_single_files_metadata_counts_as_its_name_does(tmp_path: Path) -> None:
    folder = made(tmp_path / "Z-Image-Turbo")
    titled = single_file(tmp_path / "a.safetensors", **{"modelspec.title": "Z-Image De-Turbo v1"})
    derived = single_file(tmp_path / "b.safetensors", base_model="Tongyi-MAI/Z-Image")
    assert (told(folder, titled).kind, told(folder, titled).shift) == ("de-turbo", 3.0)
    assert (told(folder, derived).kind, told(folder, derived).shift) == ("base", 6.0)
    assert "base_model 'Tongyi-MAI/Z-Image' in b.safetensors" in told(folder, derived).contradiction
    damaged = tmp_path / "z_image_base.safetensors"
    damaged.write_bytes(b"<html>")
    assert told(folder, damaged).kind == "base"


def test_a_record_decides_over_guesses_and_the_settings_over_a_record(tmp_path: Path) -> None:
    folder = made(tmp_path / "Z-Image-Turbo")
    record(folder, kind="distilled", recommended={"steps": 6, "guidance": 0.5}, shift=4.5)
    found = told(folder)
    assert (found.kind, found.contradiction, found.shift) == ("distilled", "", 4.5)
    assert (found.recommendation.steps, found.recommendation.guidance) == (6, 0.5)
    (folder / "scheduler/scheduler_config.json").write_text('{"shift": 6.0, "use_dynamic_shifting": true}')
    assert told(folder).shift is None
    by_hand = told(folder, asked="base")
    assert (by_hand.kind, by_hand.recommendation.steps, by_hand.shift) == ("base", 40, None)
    assert told(folder, single_file(tmp_path / "z_image_base.safetensors")).shift == 6.0


@pytest.mark.parametrize(
    "slip",
    [
        {"kind": "flux"}, {"kind": None}, {"kind": []}, {"kind": {"kind": "base"}},
        {"schema": 2}, {"shift": float("nan")}, {"shift": 100.5}, {"shift": True}, {"name": "x" * 301},
        {"recommended": {"steps": 101, "guidance": 4}}, {"recommended": {"steps": 40, "guidance": 20.5}},
        {"recommended": {"steps": True, "guidance": 4}}, {"recommended": {"steps": 40, "guidance": "4"}},
    ],
)  # fmt: skip
def test_a_record_with_a_slip_is_none_to_everybody(tmp_path: Path, slip: dict) -> None:
    folder = made(tmp_path / "Z-Image-Turbo")
    whole = {"kind": "base", "recommended": {"steps": 100, "guidance": 20}, "shift": 100}
    record(folder, **whole)
    assert (told(folder).kind, told(folder).recommendation.steps, told(folder).shift) == ("base", 100, 100.0)
    record(folder, **whole | slip)
    assert (told(folder).kind, read_model_record(folder)) == ("turbo", None)
    record(folder, **whole | {"kind": "demo"})  # known by its index alone
    assert (told(folder).kind, told(folder).recommendation.steps, told(folder).shift) == ("turbo", 8, None)


def test_what_strangers_wrote_is_read_within_bounds(tmp_path: Path) -> None:
    card = "---\nbase_model:\n" + "- Z-Image-Turbo\n" * 100 + "---\n# " + "turbo " * 100_000
    folder = made(tmp_path / "mine", shift=10**400, card=card, _name_or_path="base/" * 10_000)
    assert (told(folder).kind, len(told(folder).contradiction) < 1_000) == ("turbo", True)
    record(folder, kind="base", shift=10**400, recommended={"steps": -(10**400), "guidance": 1e308})
    assert (told(folder).kind, told(folder).shift) == ("turbo", None)
    long = single_file(tmp_path / "a.safetensors", name="turbo" * 1_000_000)
    assert told(folder, long).kind == "turbo"
    record(folder, kind="base")
    for odd in ("", "/", "..", "\0", "---\n", "base_model: \ud800"):
        (folder / "README.md").write_text(odd, "utf-8", errors="surrogatepass")
        assert told(folder).kind == "base"


def test_a_snapshot_in_a_download_cache_has_its_repositorys_name(tmp_path: Path) -> None:
    snapshot = Path("/hub/models--Tongyi-MAI--Z-Image-Turbo/snapshots/0e36c2b379")
    assert folder_name(snapshot) == "Z-Image-Turbo"
    assert folder_name(Path("/models/snapshots/mine")) == "mine"
    folder = made(tmp_path / "models--Tongyi-MAI--Z-Image/snapshots/0e36", shift=4.0)
    assert told(folder).kind == "base"


def no_demo(folder: Path) -> None:
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"_name_or_path": ""}))


def test_the_model_that_is_inspected_carries_it(folder: Path, tmp_path: Path) -> None:
    no_demo(folder)
    (folder / "README.md").unlink()
    weights = (folder / "transformer/diffusion_pytorch_model.safetensors").rename(tmp_path / "z-image-base.safetensors")
    model = inspect_model(folder, transformer_file=weights)
    assert (model.kind, model.source.shift, model.recommendation.steps, model.faults) == ("base", 6.0, 40, ())
    assert model.told_by == ("the name of z-image-base.safetensors",)
    assert "turbo by the scheduler's shift 3.0" in model.contradiction


def test_a_shift_of_its_own_makes_it_another_model(folder: Path, tmp_path: Path) -> None:
    no_demo(folder)
    found = {}
    for shift in (None, 3, 3.0, 9.0):  # the scheduler's file says 3
        record(folder, kind="turbo", shift=shift)
        found[str(shift)] = identify(inspect_model(folder)).sha256
    assert found["None"] == found["3"] == found["3.0"] != found["9.0"]
    weights = (folder / "transformer/diffusion_pytorch_model.safetensors").rename(tmp_path / "mug.safetensors")
    by_kind = [identify(inspect_model(folder, model_kind=kind, transformer_file=weights)) for kind in ("turbo", "base")]
    assert by_kind[0].sha256 != by_kind[1].sha256
    (folder / "scheduler/scheduler_config.json").write_text('{"shift": 3.0, "use_dynamic_shifting": true}')
    own = inspect_model(folder, model_kind="turbo", transformer_file=weights)
    assert identify(own).sha256 != identify(replace(own, source=replace(own.source, shift=None))).sha256


def test_every_kind_has_settings_and_a_source_and_may_be_set_by_hand() -> None:
    assert set(KINDS) == set(get_args(ModelKind))
    assert all(kind.source and kind.recommendation.steps == kind.steps for kind in KINDS.values())
    assert {*get_args(Settings.model_fields["model_kind"].annotation)} == {*KINDS, "auto"} - {"demo"}
