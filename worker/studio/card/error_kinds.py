"""Kinds of errors: which words of torch and NVIDIA's libraries mean a shortage, and which a process that must end.

Knows texts of errors; loads no torch, so that it can be read where none is loaded.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Literal

ErrorKind = Literal["card shortage", "host shortage", "broken context", "other"]
"""What an error asks for. A shortage of the card's or the host's memory: another way to compute, in this process. A
broken context: every later call of this process fails too, so that another must take over. Other: nobody knows."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Words by which an error is known."""

    words: str
    """As they stand in its text, letter for letter."""
    kind: ErrorKind
    source: str
    """Where they come from: a file of PyTorch, a page of NVIDIA's, a thread."""


ALLOCATOR = "pytorch c10/cuda/CUDACachingAllocator.cpp"
RUNTIME = "pytorch c10/cuda/CUDAException.cpp; cudaGetErrorString, CUDA Runtime API, cudaError"
DRIVER = "pytorch c10/cuda/driver_api.h, C10_CUDA_DRIVER_CHECK; cuGetErrorString, CUDA Driver API, CUresult"
TRITON = "triton third_party/nvidia/backend/driver.c, gpuAssert; cuGetErrorString"
CUBLAS = "pytorch aten/src/ATen/cuda/Exceptions.cpp, _cublasGetErrorEnum; cuBLAS, cublasStatus_t"
CUSOLVER = "pytorch aten/src/ATen/cuda/Exceptions.cpp, cusolverGetErrorMessage; cuSOLVER, cusolverStatus_t"
CUDNN = "pytorch aten/src/ATen/cuda/Exceptions.h, AT_CUDNN_CHECK; cuDNN API, cudnnStatus_t"
ENGINES = "pytorch aten/src/ATen/native/cudnn/Conv_v8.cpp; pytorch#108645"
CPU = "pytorch c10/core/impl/alloc_cpu.cpp, alloc_cpu"

SIGNS = (
    Sign("CUDA out of memory", "card shortage", ALLOCATOR),
    Sign("CUDA error: out of memory", "card shortage", RUNTIME),
    Sign("cudaErrorMemoryAllocation", "card shortage", RUNTIME),
    Sign("CUDA driver error: out of memory", "card shortage", DRIVER),
    Sign("CUDA_ERROR_OUT_OF_MEMORY", "card shortage", DRIVER),
    Sign("Triton Error [CUDA]: out of memory", "card shortage", TRITON),
    Sign("CUBLAS_STATUS_ALLOC_FAILED", "card shortage", CUBLAS),
    Sign("CUBLAS_STATUS_NOT_INITIALIZED", "card shortage", f"{CUBLAS}; lm-evaluation-harness#1689"),
    Sign("CUSOLVER_STATUS_ALLOC_FAILED", "card shortage", CUSOLVER),
    Sign("CUSOLVER_STATUS_NOT_INITIALIZED", "card shortage", CUSOLVER),
    Sign("CUSPARSE_STATUS_ALLOC_FAILED", "card shortage", "cuSPARSE, cusparseStatus_t"),
    Sign("CUSPARSE_STATUS_INSUFFICIENT_RESOURCES", "card shortage", "cuSPARSE, cusparseStatus_t"),
    Sign("CUFFT_ALLOC_FAILED", "card shortage", "cuFFT, cufftResult"),
    Sign("CURAND_STATUS_ALLOCATION_FAILED", "card shortage", "cuRAND, curandStatus_t"),
    Sign("CUDNN_STATUS_ALLOC_FAILED", "card shortage", f"{CUDNN}; Qwen3-VL#151"),
    Sign("CUDNN_STATUS_NOT_INITIALIZED", "card shortage", CUDNN),
    Sign("CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED", "card shortage", f"{CUDNN} (4004)"),
    Sign("CUDNN_STATUS_NOT_SUPPORTED_INSUFFICIENT_MEMORY", "card shortage", CUDNN),
    Sign("unable to find an engine to execute this computation", "card shortage", ENGINES),
    Sign("DefaultCPUAllocator: can't allocate memory", "host shortage", CPU),
    Sign("DefaultCPUAllocator: not enough memory", "host shortage", CPU),
    Sign("Cannot allocate memory", "host shortage", "strerror(ENOMEM); pytorch aten/src/ATen/MapAllocator.cpp"),
    Sign("std::bad_alloc", "host shortage", "C++ [bad.alloc]; pybind11 makes it a MemoryError"),
    Sign("CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", "host shortage", f"{CUDNN} (4003)"),
    Sign("NVRTC_ERROR_OUT_OF_MEMORY", "host shortage", "NVRTC, nvrtcResult: the compiler runs on the host"),
    Sign("an illegal memory access was encountered", "broken context", RUNTIME),
    Sign("unspecified launch failure", "broken context", RUNTIME),
    Sign("device-side assert triggered", "broken context", RUNTIME),
    Sign("misaligned address", "broken context", RUNTIME),
    Sign("an illegal instruction was encountered", "broken context", RUNTIME),
    Sign("invalid program counter", "broken context", RUNTIME),
    Sign("hardware stack error", "broken context", RUNTIME),
    Sign("operation not supported on global/shared address space", "broken context", RUNTIME),
    Sign("the launch timed out and was terminated", "broken context", RUNTIME),
    Sign("uncorrectable ECC error encountered", "broken context", RUNTIME),
    Sign("uncorrectable NVLink error", "broken context", RUNTIME),
    Sign("CUDA error: unknown error", "broken context", RUNTIME),
    Sign("CUDA driver error: unknown error", "broken context", DRIVER),
    Sign("CUDA error: initialization error", "broken context", RUNTIME),
    Sign("CUDA error: driver shutting down", "broken context", RUNTIME),
    Sign("CUDA error: no CUDA-capable device is detected", "broken context", RUNTIME),
    Sign("CUDA-capable device(s) is/are busy or unavailable", "broken context", RUNTIME),
    Sign("all CUDA-capable devices are busy or unavailable", "broken context", RUNTIME),
    Sign("invalid device context", "broken context", DRIVER),
    Sign("context is destroyed", "broken context", DRIVER),
    Sign("CUBLAS_STATUS_EXECUTION_FAILED", "broken context", CUBLAS),
    Sign("CUBLAS_STATUS_INTERNAL_ERROR", "broken context", CUBLAS),
    Sign("CUBLAS_STATUS_MAPPING_ERROR", "broken context", CUBLAS),
    Sign("CUSOLVER_STATUS_EXECUTION_FAILED", "broken context", CUSOLVER),
    Sign("CUSOLVER_STATUS_INTERNAL_ERROR", "broken context", CUSOLVER),
    Sign("CUDNN_STATUS_EXECUTION_FAILED", "broken context", CUDNN),
    Sign("CUDNN_STATUS_MAPPING_ERROR", "broken context", CUDNN),
    Sign("CUDNN_STATUS_INTERNAL_ERROR", "broken context", CUDNN),
)
"""In the order in which they are looked for: a longer name before the shorter one that it begins with."""


def kind_of_error(error: BaseException) -> ErrorKind:
    """What kind of trouble an error is.

    Args:
        error: raised while a picture was made.
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return "host shortage"
    # torch.OutOfMemoryError by its name: this module must not load torch
    if "OutOfMemoryError" in {parent.__name__ for parent in type(error).__mro__}:
        return "card shortage"
    if not isinstance(error, RuntimeError):
        return "other"  # its text may quote anything, a prompt too
    text = str(error)
    return next((sign.kind for sign in SIGNS if sign.words in text), "other")
