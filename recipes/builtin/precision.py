"""In which kind of number the networks are computed here."""

from __future__ import annotations

import torch


def fastest_kind() -> torch.dtype:
    """bfloat16 where there are instructions for it, else float32.

    Without them PyTorch's products in bfloat16 are thousands of times slower.
    """
    cpu = torch.cpu
    known = torch.cuda.is_available() or cpu._is_avx512_bf16_supported()  # noqa: SLF001
    return torch.bfloat16 if known or cpu._is_amx_tile_supported() else torch.float32  # noqa: SLF001


KIND = fastest_kind()
