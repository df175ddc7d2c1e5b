"""How ViT and dictionaries are weighed, fitted on answers about photographs that they never saw.

A share for each and a bias for each condition are all that is fitted: too few to learn photographs by heart.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Table = NDArray[np.float64]
# Pulls shares towards equal ones and biases to none: as much as so many photographs would.
PRIOR = 5.0
ROUNDS = 200


@dataclass(frozen=True)
class Mixture:
    """`shares` (S) of the voices and `bias` (K)."""

    shares: Table
    bias: Table

    def of(self, said: Table) -> Table:
        """Log-probabilities (N, K) of what each voice said (S, N, K)."""
        scores = np.tensordot(self.shares, said, 1) + self.bias
        lifted = scores - scores.max(1, keepdims=True)
        return np.asarray(lifted - np.log(np.exp(lifted).sum(1, keepdims=True)))


def fit_mixture(said: Table, labels: Table) -> Mixture:
    """The mixture under which the labels (N, K) are likeliest; `said` (S, N, K) are log-probabilities."""
    voices, right = torch.from_numpy(said), torch.from_numpy(labels)
    start = torch.full((len(said),), 1 / len(said), dtype=torch.float64)
    shares, bias = start.clone().requires_grad_(), torch.zeros(said.shape[2], dtype=torch.float64)
    bias.requires_grad_()
    optimizer = torch.optim.LBFGS([shares, bias], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = torch.tensordot(shares, voices, 1) + bias
        wrong = -(scores.log_softmax(1) * right).sum()
        total: torch.Tensor = wrong + PRIOR * ((shares - start).square().sum() + bias.square().sum() / 10)
        total.backward()
        return total

    optimizer.step(loss)
    return Mixture(shares.detach().numpy(), bias.detach().numpy())


def mixed_across(said: Table, labels: Table, held_out: list[NDArray[np.int64]]) -> list[Mixture]:
    """For each fold the mixture that the other folds ask for."""
    rows = np.arange(said.shape[1])
    others = [np.setdiff1d(rows, out) for out in held_out]
    return [fit_mixture(said[:, kept], labels[kept]) for kept in others]
