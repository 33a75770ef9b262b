"""Muon (Jordan et al. 2024): momentum whose matrices are orthogonalized before they are applied."""

from __future__ import annotations

import torch
from torch import Tensor

from recipes.builtin.precision import KIND

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""The quintic iteration's coefficients, from the authors' note."""


def orthogonalized(stack: Tensor, steps: int = 5) -> Tensor:
    """[N, R, C] -> roughly the nearest orthogonal matrices, in KIND."""
    flipped = stack.shape[1] > stack.shape[2]
    x = (stack.mT if flipped else stack).to(KIND)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = torch.bmm(x, x.mT)
        x = _A * x + torch.bmm(_B * square + _C * torch.bmm(square, square), x)
    return x.mT if flipped else x


class Muon(torch.optim.Optimizer):
    """For the matrices of layers; matrices of one shape are handled together."""

    def __init__(self, params: list[Tensor], lr: float, momentum: float, decay: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Apply one update from the parameters' gradients."""
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[Tensor]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    alike.setdefault(tuple(p.shape), []).append(p)
            for shape, params in alike.items():
                self._update(group, shape, params)

    def _update(self, group: dict[str, float], shape: tuple[int, ...], ps: list[Tensor]) -> None:
        for p in ps:
            velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
            velocity.lerp_(p.grad, 1 - group["momentum"])  # type: ignore[arg-type]
        mixed = [p.grad.lerp(self.state[p]["velocity"], group["momentum"]) for p in ps]  # type: ignore[union-attr]
        update = orthogonalized(torch.stack(mixed)).float()
        rate = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
        for p, change in zip(ps, update, strict=True):
            p.mul_(1 - group["lr"] * group["decay"]).add_(change, alpha=-rate)
