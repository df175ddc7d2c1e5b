"""The kinds of patches of Fisher vectors: a mixture of Gaussians, found without labels."""

import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor

from training.bundled.words import NOISE, directions_of, patches_of
from vlm.mpoxvlm.fisher import FisherSizes

# So many tell the kinds apart; directions rest on all patches.
PATCHES = 50_000
MOST_ROUNDS = 200
# No kind is narrower, as a deviation.
NARROWEST = 0.1


def learn_kinds(seen: Tensor, sizes: FisherSizes, seed: int) -> dict[str, Tensor]:
    """The state of `FisherVectors` without readers, of pictures (N, 3, side, side)."""
    patches = patches_of(seen, sizes.patch, torch.Generator().manual_seed(seed))
    variances, directions = directions_of(patches)
    scales = (variances[-sizes.directions :].clamp(min=0) + NOISE).rsqrt()
    whitening = directions[:, -sizes.directions :] * scales
    centre = patches.mean(0)
    whitened = (patches[:PATCHES] - centre) @ whitening
    mixture = GaussianMixture(
        sizes.kinds,
        covariance_type="diag",
        reg_covar=NARROWEST**2,
        max_iter=MOST_ROUNDS,
        random_state=seed % 2**32,
    )
    mixture.fit(whitened.double().numpy())
    filters = (whitening - whitening.mean(0)).T
    return {
        "directions.weight": filters.reshape(-1, 3, sizes.patch, sizes.patch).contiguous(),
        "directions.bias": -(centre @ whitening),
        "middles": torch.from_numpy(mixture.means_).float(),
        "widths": torch.from_numpy(mixture.covariances_).float().sqrt().clamp(min=NARROWEST),
        "frequencies": torch.from_numpy(mixture.weights_).float(),
    }
