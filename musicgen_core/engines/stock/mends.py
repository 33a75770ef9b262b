"""MindNLP 0.5.1 without its faults; the only place where this engine patches it.

MindNLP runs transformers' own MusicGen on `mindtorch`, its stand-in for PyTorch. On the way from
a prompt to a clip that meets four faults, of which the first two have one cause:

1. `bool * number` gives bool, so `MusicgenForCausalLM.build_delay_pattern_mask` returns bool ids
   and `generate` dies in Gather.
2. The same product in `EncodecModel.encode` (padding mask * samples) gives bool samples, and the
   encoder, with it every audio prompt, dies in PadV3.
3. `nn.LSTM` computes with lists of the Parameters it was made with. `from_pretrained` puts others
   in their place, so the codec's LSTMs run on weights that were never loaded.
4. In float32 on a CPU, `exp` and `log` are off by 8e-6 and 2e-6. So T5 puts the distances 16 and
   32 into the wrong bucket (states off by 0.66 for a prompt of 39 tokens), and the decoder's
   sinusoidal positions end 4e-3 off after 2048 frames.

tests/core/engines_stock shows each in the library as it comes, and tells when one has gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from musicgen_core.checkpoint.processor import mindnlp_transformers

_LSTM_LISTS = {
    "w_ih_list": "weight_ih",
    "w_hh_list": "weight_hh",
    "b_ih_list": "bias_ih",
    "b_hh_list": "bias_hh",
}


@dataclass(frozen=True, slots=True)
class Library:
    """MindNLP's two halves."""

    torch: Any
    """mindtorch."""
    transformers: Any
    """mindnlp.transformers."""


@cache
def mended_library() -> Library:
    """Import MindNLP (seconds) and mend all of it but the LSTMs, for this process."""
    transformers = mindnlp_transformers()
    import mindtorch

    _mend_multiplication(mindtorch.ops)
    _mend_precision(mindtorch, "exp")
    _mend_precision(mindtorch, "log")
    return Library(mindtorch, transformers)


def rebind_lstms(library: Library, model: Any) -> None:
    """Make every LSTM of a loaded `model` compute with the weights it shows (fault 3)."""
    for module in model.modules():
        if isinstance(module, library.torch.nn.LSTM):
            for kept, shown in _LSTM_LISTS.items():
                layers = range(module.num_layers)
                setattr(module, kept, [getattr(module, f"{shown}_l{layer}") for layer in layers])


def _mend_multiplication(ops: Any) -> None:
    """Swap the factors of `bool * number` (faults 1 and 2): `number * bool` is right."""
    product = ops.mul

    @wraps(product)
    def mul(input: Any, other: Any) -> Any:  # noqa: A002, the library's own name
        if _is_bool(input) and hasattr(other, "dtype"):
            return product(other, input)
        return product(input, other)

    ops.mul = mul


def _mend_precision(torch: Any, name: str) -> None:
    """Compute a function in float64, where it is exact, and round (fault 4)."""
    approximate = getattr(torch, name)

    @wraps(approximate)
    def exact(value: Any) -> Any:
        if value.dtype != torch.float32 or value.device.type != "cpu":
            return approximate(value)
        return approximate(value.double()).to(value.dtype)

    setattr(torch, name, exact)


def _is_bool(value: Any) -> bool:
    return str(getattr(value, "dtype", "")).lower().endswith("bool")
