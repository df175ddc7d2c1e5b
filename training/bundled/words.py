"""The words of a dictionary: centres of whitened patches, found without labels (spherical k-means).

After Coates and Ng, "Learning feature representations with k-means" (2012). Patches are brought to one
contrast and whitened, so that what most patches share does not count; a word is the mean direction of alike
patches.
"""

import torch
from torch import Tensor
from torch.nn import functional

from vlm.mpoxvlm.dictionary import DictionarySizes
from vlm.mpoxvlm.textures import FAINT

PATCHES = 200_000
ROUNDS = 12
# Added to the variance of each direction: what is fainter is noise.
NOISE = 0.02
# So far a whitened patch must go along a word to count.
THRESHOLD = 1.0
AT_ONCE = 20_000


def learn_words(seen: Tensor, sizes: DictionarySizes, seed: int) -> dict[str, Tensor]:
    """The state of `Dictionary` without readers, of pictures (N, 3, side, side); filters each sum to zero."""
    chance = torch.Generator().manual_seed(seed)
    patches = patches_of(seen, sizes.patch, chance)
    centre = patches.mean(0)
    scales, directions = directions_of(patches)
    whitening = directions @ torch.diag((scales.clamp(min=0) + NOISE).rsqrt()) @ directions.T
    pointing = functional.normalize((patches - centre) @ whitening, dim=1)
    words = _centres(pointing, sizes.words, chance) @ whitening
    filters = words - words.mean(1, keepdim=True)
    weight = filters.view(-1, 3, sizes.patch, sizes.patch).contiguous()
    return {"words.weight": weight, "words.bias": -(words @ centre) - THRESHOLD}


def directions_of(patches: Tensor) -> tuple[Tensor, Tensor]:
    """Variances (D) from the least, and the directions (D, D) in which patches (N, D) vary so."""
    apart = patches - patches.mean(0)
    variances, directions = torch.linalg.eigh(apart.T @ apart / len(patches))
    return variances, directions


def patches_of(seen: Tensor, patch: int, chance: torch.Generator) -> Tensor:
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
