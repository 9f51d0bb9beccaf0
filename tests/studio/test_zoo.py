"""Each layout of the zoo is taken, or refused in one sentence that says what it is; no torch is needed for it.

What lies in the bytes of whole files is another check's (`checking`); here are names, headers and shapes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from zoo import LAYOUTS, Written

from worker.errors import ModelInvalid
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.recognise.recognise import recognise

pytestmark = pytest.mark.slow  # half a minute in all, without torch

SAID = (
    ("diffusers folder", "",
     "turbo_real base_real te_lm_head hf_cache_snapshot hf_cache_link local_dir modelscope fp16 bf16_single "
     "git_lfs_whole zanime_diffusers extra_files extra_broken_safetensors_top model_index_with_bom img2img_class "
     "chinese_path_spaces linked_parts read_only_folder marked_as_demo hidden_model_beside variant_beside_plain "
     "both_index_and_single_transformer both_index_and_single_te bin_beside_safetensors twelve_shards "
     "shards_of_other_names tok_vocab_merges_only tok_json_only tok_fast_class tok_template_file tok_template_json "
     "merges_with_crlf hf_blob_flipped preallocated_zeros_alone local_dir_flipped three_flipped_bits "
     "zeros_in_text_encoder shards_swapped qwen_3_4b_renamed_in_text_encoder deeper_with_its_config "
     "euler_scheduler_config dynamic_shifting_base zero_matrix constant_matrix nan_in_weights "
     "base_finetune_saved_with_turbo_scheduler turbo_with_shift_7 de_turbo_folder few_steps_folder "
     "path_trailing_slash path_dotdot path_through_link card_is_device trust_remote_code_traps "
     "custom_module_in_index full_size_turbo full_size_base"),
    ("hf cache", "", "hf_cache_top hf_cache_snapshots hf_cache_two_snapshots"),
    ("folder of a model", "Set `model:` to",
     "hf_cache_hub hf_cache_refs hf_cache_blobs zanime_top model_is_parent_of_one"),
    ("diffusers folder", "quantised (fp8)", "fp8_diffusers fp8_text_encoder"),
    ("several models", "holds 2 models", "model_is_parent"),
    ("diffusers folder", "must be in small letters", "folder_name_case"),
    ("no index", "but no model_index.json", "index_missing_parts_whole"),
    ("empty folder", "nor anything else", "empty_folder"),
    ("no model", "it is not a model folder in diffusers layout", "folder_of_pictures folder_in_itself"),
    ("component folder", "Give the folder above it",
     "model_is_transformer_subfolder model_is_text_encoder_subfolder model_is_vae_subfolder "
     "model_is_tokenizer_subfolder"),
    ("diffusers folder", "has no text_encoder/", "no_text_encoder_folder"),
    ("loose files", "in single files", "transformer_alone comfyui_three_files_flat"),
    ("damaged", "no JSON object", "model_index_is_empty index_is_fifo index_is_deep"),
    ("diffusers folder", "holds the variant bf16", "variant_bf16_single variant_bf16_sharded"),
    ("diffusers folder", "delete the index", "stale_index_single_present"),
    ("diffusers folder", "but not the index", "shards_without_index one_file_a_thousand_times"),
    ("diffusers folder", "pickles (.bin) only", "bin_only"),
    ("diffusers folder", "has no chat template", "tok_no_template"),
    ("diffusers folder", "has neither tokenizer.json", "tok_no_merges"),
    ("diffusers folder", "tokens of vocab.json cannot be made", "tok_merges_truncated"),
    ("diffusers folder", "Git LFS pointer", "tokenizer_json_lfs_pointer git_no_lfs"),
    ("diffusers folder", "no JSON object",
     "tokenizer_json_cut config_is_huge config_is_deep config_number_of_5000_digits"),
    ("diffusers folder", "has no tokenizer/", "no_tokenizer_folder"),
    ("diffusers folder", "does not know <|im_start|>", "tokenizer_of_another_model"),
    ("dead links", "links to files that are not there", "hf_cache_copied_dead_links"),
    ("diffusers folder", "is missing: download it into place", "half_missing_shard no_transformer_config"),
    ("diffusers folder", "has no transformer/, vae/", "half_missing_parts"),
    ("diffusers folder", "where its header promises", "truncated_shard"),
    ("diffusers folder", "Rename transformer/", "browser_name_1"),
    ("diffusers folder", "without its folders", "browser_flat"),
    ("diffusers folder", "web page", "page_in_place_of_weights page_in_place_of_configs"),
    ("diffusers folder", "server's answer", "refusal_in_place_of_weights"),
    ("diffusers folder", "is empty", "empty_weights"),
    ("diffusers folder", "begins with nothing but zeros", "all_zero_weights"),
    ("diffusers folder", "has no scheduler/", "no_scheduler"),
    ("diffusers folder", "names no files", "index_cut"),
    ("diffusers folder", "one piece of several", "shard_twice"),
    ("single file", "",
     "tf_z_image_turbo_bf16 tf_cyberrealisticZImage_v70_bf16 tf_diffusion_model_prefix tf_diffusers_names_prefixed "
     "tf_transformer_prefix tf_model_prefix tf_odd_prefix tf_unstableRevolution_norm_final_nan "
     "tf_norm_final_diffusers_names tf_fp16_comfy tf_fp32_comfy tf_ema_beside tf_diffusers_names tf_slim_folder "
     "tf_base_file_in_turbo_folder tf_de_turbo_in_turbo_folder tf_distill_in_base_folder "
     "tf_turbo_file_in_base_folder tf_unnamed_in_base_folder full_size_single_file"),
    ("aio", "", "tf_z_image_turbo_aio_bf16 tf_merged_with_text_encoder"),
    ("incomplete", "lacks x_pad_token", "tf_no_x_pad_token tf_no_pad_tokens"),
    ("incomplete", "in one dimension", "tf_pad_tokens_1d"),
    ("incomplete", "of another size than", "tf_other_size_dim_half"),
    ("single file", "layers, where transformer/config.json says",
     "tf_deeper_10_layers tf_shallower_5_layers full_size_file_in_a_toy_folder"),
    ("single file", "is missing: download it into place", "tf_slim_folder_no_config"),
    ("incomplete", "one piece of several", "tf_one_shard tf_one_shard_renamed model_is_shard"),
    ("shard index", "shard index: a list", "tf_index"),
    ("component folder", "is a folder. Put", "tf_folder"),
    ("", "is missing: copy it into place", "tf_missing tf_dead_link"),
    ("damaged", "where its header promises",
     "tf_cut tf_too_long tf_header_name_with_escape tf_header_name_very_long tf_header_nothing_in_it"),
    ("damaged", "damaged header",
     "tf_damaged_header tf_header_no_json tf_header_list tf_header_number tf_header_no_utf8 tf_header_deep "
     "tf_header_duplicated_names tf_header_negative_offsets tf_header_offsets_backwards "
     "tf_header_offsets_of_100_digits tf_header_offsets_are_floats tf_header_offsets_are_text "
     "tf_header_offsets_are_missing tf_header_shape_is_negative tf_header_shape_overflows tf_header_shape_is_text "
     "tf_header_shape_of_many_axes tf_header_dtype_is_a_list tf_header_entry_is_null tf_header_metadata_is_a_list"),
    ("lfs pointer", "Git LFS pointer", "tf_lfs model_is_lfs_pointer"),
    ("html page", "web page", "tf_html_page model_is_html_page"),
    ("json", "server's answer", "tf_json_error"),
    ("empty", "is empty", "tf_empty"),
    ("zeros", "begins with nothing but zeros", "tf_zeros tf_header_of_no_bytes"),
    ("gguf", "GGUF file", "tf_gguf tf_gguf_named_safetensors model_is_gguf gguf_folder"),
    ("picture", "picture or a film", "tf_png_named_safetensors"),
    ("single file", "model add`, or set `transformer_file:`",
     "model_is_file"),
    ("aio", "model add`, or set `transformer_file:`",
     "model_is_aio_file"),
    ("comfyui folder", "in single files",
     "comfyui_models_folder comfyui_models_folder_old_names comfyui_top comfyui_split_files comfyui_checkpoints_aio "
     "comfyui_without_text_encoder full_size_comfyui"),
    ("several files", "more than one file for a part", "comfyui_two_transformers"),
    ("diffusers folder", "under other names than diffusers'",
     "comfy_file_renamed_in_transformer civitai_file_renamed_in_transformer aio_renamed_in_transformer "
     "ae_safetensors_renamed_in_vae te_other_prefix"),
    ("diffusers folder", "vision-language model", "te_vl_prefix"),
    ("diffusers folder", "Z-Image's text encoder (Qwen3) belongs there", "te_is_the_transformer"),
    ("diffusers folder", "Z-Image's VAE belongs there", "vae_is_the_text_encoder"),
    ("diffusers folder", "It is not named", "comfy_file_own_name_in_transformer"),
    ("diffusers folder", "lacks 1 of 35 tensors", "te_lacks_a_tensor"),
    ("lora", "LoRA: a small change",
     "tf_lora_ai_toolkit tf_lora_diffusers tf_lora_peft tf_lora_kohya tf_lycoris_lokr tf_lora_dora lora_folder"),
    ("controlnet", "ControlNet: an addition", "tf_controlnet_union"),
    ("other family", "(FLUX.1)", "tf_flux1_dev_comfy tf_flux1_dev_fp8_checkpoint tf_flux_diffusers"),
    ("other family", "(SDXL)", "tf_sdxl_checkpoint"),
    ("other family", "(Stable Diffusion 1 or 2)", "tf_sd15_checkpoint"),
    ("other family", "(Qwen-Image)", "tf_qwen_image"),
    ("other family", "(Lumina 2)", "tf_lumina2"),
    ("other family", "(Wan)", "tf_wan"),
    ("other part", "T5 text encoder", "tf_t5_text_encoder"),
    ("other part", "CLIP text encoder", "tf_clip_text_encoder"),
    ("other part", "textual inversion", "tf_embedding"),
    ("other part", "upscaler", "tf_upscaler"),
    ("unknown", "none of its 2 tensors", "tf_nobody_knows"),
    ("text encoder", "text encoder (Qwen3) alone. Z-Image's transformer belongs", "tf_qwen_3_4b_text_encoder"),
    ("vae", "VAE alone. Z-Image's transformer belongs", "tf_ae_vae"),
    ("other pipeline", "is for 'FluxPipeline'", "flux_folder"),
    ("other pipeline", "is for 'StableDiffusionXLPipeline'", "sdxl_folder"),
    ("other pipeline", "is for 'QwenImagePipeline'", "qwen_image_folder"),
    ("other pipeline", "is for 'ZImageOmniPipeline'", "omni_class"),
    ("other pipeline", "is for 'ZImageControlNetPipeline'", "controlnet_class"),
    ("text encoder", "text encoder (Qwen3) alone", "language_model_folder"),
    ("quantised", "quantised (fp8)", "tf_fp8_e4m3fn tf_fp8_e5m2 tf_fp8_all"),
    ("quantised", "quantised (fp8, scaled)", "tf_fp8_scaled_old"),
    ("quantised", "quantised (fp8, comfy_quant)", "tf_fp8_comfy_quant"),
    ("quantised", "quantised (int8, comfy_quant)", "tf_z_image_turbo_int8_convrot"),
    ("quantised", "quantised (fp8, nvfp4)", "tf_z_image_turbo_nvfp4"),
    ("quantised", "packed in int32)", "tf_awq_int32_packed"),
    ("quantised", "GPTQ or AWQ", "tf_awq"),
    ("quantised", "SVDQuant", "tf_svdq_nunchaku"),
    ("quantised", "bitsandbytes", "tf_bnb_nf4"),
    ("quantised", "SDNQ", "tf_sdnq_int8"),
    ("quantised", "MLX", "tf_mlx_8bit"),
    ("diffusers folder", "MLX", "mlx_8bit_folder"),
    ("diffusers folder", "SDNQ", "sdnq_int8_folder"),
    ("diffusers folder", "bitsandbytes", "bnb_nf4_folder"),
    ("diffusers folder", "flashpack", "flashpack_folder"),
    ("diffusers folder", "GGUF file", "gguf_text_encoder"),
    ("other pipeline", "is for 'OnnxZImagePipeline'", "onnx_folder"),
    ("diffusers folder", "do not fit each other", "te_of_another_size sdxl_vae_4_channels"),
    ("diffusers folder", "has no scaling_factor, shift_factor", "vae_without_config_numbers"),
    ("diffusers folder", "layers, where transformer/config.json says",
     "config_says_more_layers config_says_fewer_layers"),
    ("diffusers folder", "of another size than", "config_says_another_width"),
    ("diffusers folder", "is for 'DDIMScheduler'", "another_scheduler"),
    ("diffusers folder", "chat template of tokenizer/ cannot be used", "jinja_trap jinja_endless"),
    ("diffusers folder", "chat template of tokenizer/ writes no", "jinja_other_template jinja_llama_template"),
    ("windows path", "path of Windows", "path_windows path_windows_quoted path_windows_slashes"),
    ("unc", "path of Windows", "path_unc path_unc_slashes"),
    ("share address", "address of a share", "path_smb_url path_file_url"),
    ("repo id", "name of a model on the internet", "path_repo_id"),
    ("url", "address on the internet", "path_hub_scheme path_url path_url_modelscope path_url_file"),
    ("command", "is a command", "path_download_command"),
    ("demo", "in small letters. Write", "path_Demo"),
    ("quoted", "has quotes in it", "path_demo_quoted path_quoted"),
    ("blank", "is blank", "path_blank"),
    ("", "there is no such folder",
     "path_missing_mount path_civitai_name path_tilde path_one_letter_off path_dead_link"),
    ("variable", "is a variable", "path_variable path_variable_windows"),
    ("configuration", "is a configuration", "model_is_index_file"),
    ("", "mend the path", "path_link_to_itself path_very_long weights_link_to_itself tf_link_to_itself"),
    ("archive", "is an archive", "path_archive tf_plain_zip.safetensors"),
    ("diffusers folder", "only names of files beside it",
     "index_points_outside index_points_outside_absolute index_points_outside_backslash index_points_into_subfolder "
     "index_points_to_itself index_points_to_device index_names_with_newline index_names_no_text "
     "index_names_very_long index_names_with_nul"),
    ("diffusers folder", "no safetensors file", "index_points_to_bin"),
    ("diffusers folder", "no file, but a pipe", "weights_link_to_device weights_are_fifo"),
    ("diffusers folder", "is a text, not weights", "weights_link_to_secret"),
    ("diffusers folder", "is a folder. Put", "weights_are_folder"),
    ("other pipeline", "is for ['pipeline'", "custom_pipeline_class"),
    ("pickle", "is a pickle",
     "tf_evil.ckpt tf_evil.pth tf_evil.bin tf_evil_pickle.safetensors tf_evil_zip.safetensors "
     "tf_zip_bomb.safetensors"),
    ("no file", "no file, but a pipe", "tf_fifo tf_socket tf_device tf_terminal"),
    ("damaged", "header of 1", "tf_header_huge"),
    ("damaged", "header of 2", "tf_header_huge_and_true"),
    ("damaged", "no readable header", "tf_header_longer_than_file tf_header_longer_than_any"),
    ("damaged", "header of 5", "tf_header_million_tensors"),
    ("damaged", "overlap or leave gaps", "tf_header_overlapping tf_header_offsets_beyond tf_header_dtype_unknown"),
    ("diffusers folder", "overlap or leave gaps", "folder_header_offsets_beyond"),
    ("aio", "model add`, or set `transformer_file:`",
     "full_size_aio"),
    ("modular", "is a modular pipeline", "modular_index_only"),
)  # fmt: skip
"""What it is recognised as, words of the only sentence that `doctor`, `run` and `check` say, and layouts by name; no
words where it is taken as it is."""
UNFINISHED = (
    "hf_cache_incomplete", "local_dir_incomplete", "unfinished_part", "unfinished_crdownload", "unfinished_incomplete",
    "unfinished_qB", "unfinished_td_cfg",
)  # fmt: skip
"""Of these a file is missing; what lies beside it tells more."""
ELSEWHERE = ("part_beside_a_whole_file", "preallocated_zeros_aria2", "says_nothing", "path_empty")
"""Their own tests say what is told of them: of unfinished downloads, of kinds, of settings."""
CASES = [pytest.param(what, words, name, id=name) for what, words, names in SAID for name in names.split()]
ANOTHER_COPY_HELPS = ("damaged", "diffusers folder", "no file")


def told(written: Written) -> str:
    """All that a person is told of it; nothing when it is taken."""
    single = Path(written.transformer_file) if written.transformer_file else None
    try:
        return "\n".join(inspect_model(Path(written.model), transformer_file=single).faults)
    except ModelInvalid as refusal:
        return str(refusal)


def recognised_as(path: Path) -> str:
    try:
        return recognise(path).what
    except OSError:
        return ""  # it is away, or no path


@pytest.mark.parametrize(("what", "words", "name"), CASES)
def test_a_layout_is_told_for_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, words: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written = LAYOUTS[name].make(tmp_path / name)
    text = told(written)
    if words:
        assert words in text
        assert text.removeprefix(f"The model in {written.model} cannot be used:\n- ").count("\n") == 0, text
        assert what in ANOTHER_COPY_HELPS or "once more" not in text
    else:
        assert text == ""
    assert recognised_as(written.looked_at) == what


@pytest.mark.parametrize("name", UNFINISHED)
def test_of_an_unfinished_download_the_file_is_named(tmp_path: Path, name: str) -> None:
    assert "transformer/diffusion_pytorch_model-0000" in told(LAYOUTS[name].make(tmp_path / name))


def test_every_layout_stands_in_the_table() -> None:
    named = [case.id for case in CASES]
    assert len(named) == len({*named})
    assert {*named} | {*UNFINISHED} | {*ELSEWHERE} == {*LAYOUTS}
