"""Every word by which torch and NVIDIA's libraries say that memory ran out, and words that look alike and do not."""

from __future__ import annotations

import errno
import os

import pytest
import torch

from worker.studio.card.error_kinds import SIGNS, kind_of_error
from worker.studio.card.out_of_memory import OutOfMemory, catch_out_of_memory

WHOLE = {
    "card shortage": [
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB",
        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call",
        "CUDA error: out of memory\nSearch for `cudaErrorMemoryAllocation' in https://docs.nvidia.com/cuda/",
        "CUDA driver error: out of memory",
        "Triton Error [CUDA]: out of memory",
        "GET was unable to find an engine to execute this computation",
        "FIND was unable to find an engine to execute this computation",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        "cusolver error: CUSOLVER_STATUS_ALLOC_FAILED, when calling `cusolverDnCreate(handle)`",
        "cusolver error: CUSOLVER_STATUS_NOT_INITIALIZED, when calling `cusolverDnCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_NOT_INITIALIZED",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    ],
    "host shortage": [
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to "
        "allocate 9 bytes. Error code 12 (Cannot allocate memory)",
        "unable to mmap 65536 bytes from file <model.safetensors>: Cannot allocate memory (12)",
        "std::bad_alloc",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
    ],
    "broken context": [
        "CUDA error: an illegal memory access was encountered",
        "CUDA error: unspecified launch failure",
        "CUDA error: device-side assert triggered",
        "CUDA error: uncorrectable ECC error encountered",
        "CUDA error: the launch timed out and was terminated",
        "Triton Error [CUDA]: an illegal memory access was encountered",
        "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx(...)`",
        "CUDA error: CUBLAS_STATUS_INTERNAL_ERROR when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
    ],
    "other": [
        "CUDA error: invalid argument",
        "CUDA error: too many resources requested for launch",
        "CUDA error: no kernel image is available for execution on the device",
        "Triton Error [CUDA]: device kernel image is invalid",
        "cuDNN error: CUDNN_STATUS_BAD_PARAM",
        "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous input.",
        "CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasGemmEx(...)`",
        "mat1 and mat2 shapes cannot be multiplied (40x2560 and 128x192)",
        "",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in WHOLE.items() for text in texts])
def test_whole_messages(kind: str, text: str) -> None:
    assert kind_of_error(RuntimeError(text)) == kind


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.words)
def test_every_word_of_the_table_is_reached_and_has_a_source(sign) -> None:
    # of one that another sign hides, its row would say nothing
    assert kind_of_error(RuntimeError(f"something: {sign.words} when calling `f`")) == sign.kind
    assert sign.source


def test_shortages_that_are_told_by_their_class() -> None:
    assert kind_of_error(torch.OutOfMemoryError("words of another year")) == "card shortage"
    assert kind_of_error(MemoryError()) == "host shortage"
    assert kind_of_error(OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))) == "host shortage"


@pytest.mark.parametrize("error", [ValueError, KeyError, IndexError, AssertionError])
def test_what_quotes_such_words_is_no_shortage(error: type[Exception]) -> None:
    assert kind_of_error(error("prompt: CUDA error: out of memory, painted on a mug")) == "other"


@pytest.mark.slow
@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA driver error: out of memory")])
def test_a_shortage_is_a_value_and_says_what_it_was(error: Exception) -> None:
    def run_out() -> None:
        raise error

    made = catch_out_of_memory(run_out)
    assert isinstance(made, OutOfMemory)
    assert made.why == (str(error) or "MemoryError")


def test_what_is_no_shortage_is_raised() -> None:
    def break_context() -> None:
        raise RuntimeError("CUDA error: unspecified launch failure")

    with pytest.raises(RuntimeError, match="launch failure"):
        catch_out_of_memory(break_context)
