"""Files that are nearly a model's are told for what they are, in one sentence with what to do; no torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from zoo.embedded import tensors_of
from zoo.tensor_files import Tensor, Tensors, write_tensors

from worker.demo import weights_dir
from worker.disk.mount_tables import MountTables
from worker.errors import ModelAway
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.recognise.found import Recognised
from worker.studio.model_files.recognise.recognise import recognise

pytestmark = pytest.mark.slow

TARGET = "layers.0.attention.to_q"
MATRIX = Tensor("BF16", (2, 2), bytes(8))


def file_of(folder: Path, tensors: Tensors, name: str = "given.safetensors") -> Recognised:
    return recognise(write_tensors(folder / name, tensors))


@pytest.mark.parametrize(
    "name",
    [
        f"base_model.model.{TARGET}.vera_lambda_b", f"base_model.model.{TARGET}.vera_lambda_d", "base.vera_A.default",
        f"{TARGET}.lora_linear_layer.down.weight", f"unet.{TARGET}.processor.to_q_lora.up.weight", f"{TARGET}.svd_u",
        f"{TARGET}.svd_v.weight", f"{TARGET}.LoRA_A.weight", f"{TARGET}.LORA_B.weight", f"{TARGET}.lora_A.default",
        f"{TARGET}.hada_w1_a", f"lycoris_{TARGET.replace('.', '_')}.lokr_w1", f"{TARGET}.lokr_t2", f"{TARGET}.oft_diag",
        f"{TARGET}.oft_R.weight", f"{TARGET}.boft_s", f"{TARGET}.dora_scale", f"{TARGET}.lora_magnitude_vector",
        f"{TARGET}.ia3_l", f"{TARGET}.lora_E", "lora_unet_layers_0_attention_to_q.lora_down.weight",
        f"{TARGET}.vblora_logits_A", f"{TARGET}.fourierft_spectrum", f"{TARGET}.randlora_lambda", f"{TARGET}.glora_a1",
        f"diffusion_model.{TARGET}.diff", f"{TARGET}.lora.down.weight",
    ],
)  # fmt: skip
def test_a_lora_of_any_family_is_called_one(tmp_path: Path, name: str) -> None:
    assert (
        file_of(tmp_path, {name: MATRIX}).text == "given.safetensors is a LoRA: a small change to a model, not a model."
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"state.0.{one}" for one in ("exp_avg", "exp_avg_sq", "step")], "state of a training (its optimizer's)"),
        ([f"optimizer.state.{TARGET}.weight.exp_avg"], "state of a training (its optimizer's)"),
        ([f"optim.{TARGET}.momentum_buffer"], "state of a training (its optimizer's)"),
        (["0.state1", "0.qmap1", "0.absmax1"], "state of a training (its optimizer's)"),
        ([f"{TARGET}.weight.exp_avg_sq_row"], "state of a training (its optimizer's)"),
        (["model_ema.diffusion_modellayers0attentiontoqweight", "model_ema.decay"], "averages of a training (EMA)"),
        (["shadow_params.0", "shadow_params.1"], "averages of a training (EMA)"),
    ],
)
def test_what_a_training_keeps_for_itself_is_called_so(tmp_path: Path, names: list[str], words: str) -> None:
    found = file_of(tmp_path, dict.fromkeys(names, MATRIX))
    assert (found.what, found.parts) == ("training state", {})
    assert words in found.text
    assert "raining" in found.remedy


@pytest.mark.parametrize("prefix", ["model_ema.", "ema_model.", "ema."])
def test_averaged_weights_with_a_models_names_are_taken_and_called_so(tmp_path: Path, prefix: str) -> None:
    held = tensors_of("transformer")
    averaged = {prefix + name: tensor for name, tensor in held.items()}
    found = file_of(tmp_path, averaged)
    assert found.text == "given.safetensors is Z-Image's transformer, averaged while training (EMA)."
    assert found.parts["transformer"].prefix == prefix
    beside = file_of(tmp_path, averaged | held | {"optimizer.state.0.exp_avg": MATRIX}, "both.safetensors")
    assert beside.text == "both.safetensors is Z-Image's transformer."
    assert beside.parts["transformer"].prefix == ""


def test_names_in_capitals_are_called_so(tmp_path: Path) -> None:
    for part, title in (("transformer", "Z-Image's transformer"), ("vae", "Z-Image's VAE")):
        found = file_of(tmp_path, {name.upper(): tensor for name, tensor in tensors_of(part).items()})
        assert (found.what, found.parts) == ("capitals", {})
        assert f"is {title}, with capital letters in the names of its tensors" in found.text


@pytest.mark.parametrize(("kind", "size"), [("F64", 8)])
def test_numbers_of_another_kind_are_not_called_quantised(tmp_path: Path, kind: str, size: int) -> None:
    odd = {name: Tensor(kind, tensor.shape) for name, tensor in tensors_of("transformer").items()}
    found = file_of(tmp_path, odd)
    assert found.text == f"given.safetensors holds {kind} numbers, which no model is made of."
    assert "quantised" not in found.text + found.remedy


@pytest.mark.parametrize("spoil", [lambda data: data[:-1000], lambda data: data + b"x", lambda data: data[:20]])
def test_of_a_cut_file_another_download_is_advised(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = write_tensors(tmp_path / "given.safetensors", tensors_of("vae"))
    file.write_bytes(spoil(file.read_bytes()))
    assert recognise(file).text.endswith("download it again.")


@pytest.mark.parametrize("text", ["{}", "[]", " [1, 2]\n", '"config"', "null", "17"])
@pytest.mark.parametrize("name", ["transformer/config.json", "vae/config.json", "scheduler/scheduler_config.json"])
def test_a_configuration_without_settings_is_called_so(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    assert inspect_model(folder, model_kind="demo").faults[0] == f"{name} is JSON without settings: download it again."


@pytest.mark.parametrize("text", ["Entry not found", '{"dim": 192', "dim: 192", "\ufeff{", "[1,"])
def test_a_configuration_that_is_no_json_is_called_so(folder: Path, text: str) -> None:
    (folder / "vae/config.json").write_text(text, "utf-8")
    (fault,) = inspect_model(folder, model_kind="demo").faults
    assert fault == "vae/config.json is no JSON object: download it again."


@pytest.mark.parametrize("text", ["{}", "[]", '["a", "b"]'])
def test_such_a_file_given_as_a_model_is_called_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, "utf-8")
    assert recognise(tmp_path / "config.json").text == "config.json is a JSON text, not weights."


ANSWERS = [
    {"error": "Access to model is restricted. Please log in."},
    {"message": "Not Found"},
    {"detail": "no such file"},
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder"])
def test_a_servers_answer_in_place_of_a_configuration_is_told(folder: Path, part: str, answer: dict[str, str]) -> None:
    (folder / part / "config.json").write_text(json.dumps(answer), "utf-8")
    assert f"{part}/config.json" in inspect_model(folder, model_kind="demo").faults[0]


def config_with(folder: Path, part: str, **values: object) -> None:
    file = folder / part / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | values), "utf-8")


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("vae", {"latent_channels": 4}),
        ("vae", {"latent_channels": 4, "scaling_factor": None}),
        ("text_encoder", {"hidden_size": 4096}),
        ("transformer", {"cap_feat_dim": 4096}),
        ("transformer", {"in_channels": 4}),
        ("transformer", {"dim": 384}),
        ("text_encoder", {"vocab_size": 10}),
    ],
)
def test_one_wrong_number_in_a_configuration_is_told_in_one_sentence(folder: Path, part: str, values: dict) -> None:
    config_with(folder, part, **values)
    (fault,) = inspect_model(folder, model_kind="demo").faults
    assert f"{part}/config.json" in fault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(weights_dir(), tmp_path / "model"))


def dead(name: str, target: str) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return spoil


WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


def test_weights_that_are_a_dead_link_are_named(folder: Path) -> None:
    dead(WEIGHTS, "/nowhere/x.safetensors")(folder)
    words = f"{WEIGHTS} is a link to a file that is not there (/nowhere/x.safetensors): mount the disk"
    (fault,) = inspect_model(folder).faults
    assert fault.startswith(words)
    assert recognise(folder).remedy.startswith(words)


def test_weights_behind_a_link_into_a_share_that_is_not_mounted_are_away(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "nas").mkdir()
    (tmp_path / "fstab").write_text(f"//nas/models {tmp_path}/nas cifs defaults 0 0\n", "utf-8")
    (tmp_path / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "utf-8")
    dead(WEIGHTS, str(tmp_path / "nas/x.safetensors"))(folder)
    tables = MountTables(mountinfo=tmp_path / "mountinfo", fstab=tmp_path / "fstab", units=())
    with pytest.raises(ModelAway, match=f"nothing is mounted on {tmp_path}/nas"):
        inspect_model(folder, tables=tables)


@pytest.mark.parametrize("text", ['{"error": "Repository not found"}', '{"diffusers": "0.36"}'])
def test_an_index_without_a_pipeline_is_told(folder: Path, text: str) -> None:
    (folder / "model_index.json").write_text(text, "utf-8")
    (fault,) = inspect_model(folder, model_kind="turbo").faults
    assert fault.startswith(f"model_index.json names no pipeline, but holds {json.loads(text)!r}")


@pytest.mark.parametrize("shift", ['"3"', "-1", "0", "1000", "null", "true", "[3]", "NaN"])
def test_a_shift_that_is_none_is_told(folder: Path, shift: str) -> None:
    file = folder / "scheduler/scheduler_config.json"
    file.write_text(
        json.dumps(json.loads(file.read_text("utf-8")) | {"shift": "SHIFT"}).replace('"SHIFT"', shift), "utf-8"
    )
    (fault,) = inspect_model(folder).faults
    assert fault.startswith("scheduler/scheduler_config.json has shift ")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "null", '"0.3"'])
def test_a_scaling_factor_that_is_none_is_told(folder: Path, value: str) -> None:
    file = folder / "vae/config.json"
    config = json.loads(file.read_text("utf-8")) | {"scaling_factor": "VALUE"}
    file.write_text(json.dumps(config).replace('"VALUE"', value), "utf-8")
    (fault,) = inspect_model(folder).faults
    assert fault.startswith("vae/config.json has no scaling_factor")
