"""The words of a dictionary: centres of whitened patches, found without labels (spherical k-means).

After Coates and Ng, "Learning feature representations with k-means" (2012). Patches are brought to one
contrast and whitened, so that what most patches share does not count; a word is the mean direction of alike
patches.
"""

import torch
from torch import Tensor
from torch.nn import functional

from vlm.mpoxvlm.dictionary import FAINT, DictionarySizes

PATCHES = 200_000
ROUNDS = 12
# Added to the variance of each direction: what is fainter is noise.
NOISE = 0.02
# So far a whitened patch must go along a word to count.
THRESHOLD = 1.0
AT_ONCE = 20_000


def learn_words(seen: Tensor, sizes: DictionarySizes, seed: int) -> tuple[Tensor, Tensor]:
    """Filters (W, 3, patch, patch) that each sum to zero, biases (W), of pictures (N, 3, side, side)."""
    chance = torch.Generator().manual_seed(seed)
    patches = _patches(seen, sizes.patch, chance)
    centre = patches.mean(0)
    scales, directions = torch.linalg.eigh((patches - centre).T @ (patches - centre) / len(patches))
    whitening = directions @ torch.diag((scales.clamp(min=0) + NOISE).rsqrt()) @ directions.T
    pointing = functional.normalize((patches - centre) @ whitening, dim=1)
    words = _centres(pointing, sizes.words, chance) @ whitening
    filters = words - words.mean(1, keepdim=True)
    return filters.view(-1, 3, sizes.patch, sizes.patch), -(words @ centre) - THRESHOLD


def _patches(seen: Tensor, patch: int, chance: torch.Generator) -> Tensor:
    """(PATCHES, 3 * patch * patch) from anywhere, each with mean 0 and one contrast."""
    places = seen.shape[-1] - patch + 1
    which = torch.arange(PATCHES) % len(seen)
    tops, lefts = (torch.randint(places, (PATCHES,), generator=chance) for _ in range(2))
    taken = torch.stack(
        [
            seen[row, :, top : top + patch, left : left + patch].flatten()
            for row, top, left in zip(which.tolist(), tops.tolist(), lefts.tolist(), strict=True)
        ]
    )
    variance = taken.var(1, keepdim=True, correction=0)
    return (taken - taken.mean(1, keepdim=True)) / (variance + FAINT).sqrt()


def _centres(pointing: Tensor, count: int, chance: torch.Generator) -> Tensor:
    """(count, D) of length 1; a word that no patch is nearest to begins anew at a patch."""
    words = pointing[torch.randperm(len(pointing), generator=chance)[:count]].clone()
    for _ in range(ROUNDS):
        nearest = torch.cat([(part @ words.T).argmax(1) for part in pointing.split(AT_ONCE)])
        summed = torch.zeros_like(words).index_add_(0, nearest, pointing)
        unused = nearest.bincount(minlength=count) == 0
        anew = torch.randint(len(pointing), (int(unused.sum()),), generator=chance)
        summed[unused] = pointing[anew]
        words = functional.normalize(summed, dim=1)
    return words
