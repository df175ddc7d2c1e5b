"""The dictionaries: textures found without labels, and for each fold a linear reader that never saw it.

Words and kinds are made of all photographs, held-out ones too; no label has a part in them.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from tqdm import tqdm

from training.bundled.balance import balanced
from training.bundled.folds import folds
from training.bundled.kinds import learn_kinds
from training.bundled.parts import once
from training.bundled.plan import Plan
from training.bundled.words import learn_words
from training.photographs import Photographs
from vlm.mpoxvlm.colours import without_tone
from vlm.mpoxvlm.fisher import FisherSizes
from vlm.mpoxvlm.lesion import textures_of
from vlm.mpoxvlm.textures import Textures, resized
from vlm.signals.tone import turned

AT_ONCE = 32
MOST_ROUNDS = 200


def train_dictionary(plan: Plan, photographs: Photographs, number: int, out: Path) -> None:
    """Learn textures, then readers; photographs are of the plan's side. What is finished in `out` is kept."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = plan.dictionaries[number]
    dictionary = textures_of(sizes, plan.folds, photographs.labels.shape[1])

    def textures() -> dict[str, Tensor]:
        seen = torch.cat([resized(part, sizes.side) for part in pictures(photographs.pixels)])
        if isinstance(sizes, FisherSizes):
            return learn_kinds(seen, sizes, plan.seed + number)
        return learn_words(seen, sizes, plan.seed + number)

    dictionary.load_state_dict(once(out / "textures.safetensors", textures), strict=False)

    def features() -> dict[str, Tensor]:
        return {"plain": features_of(dictionary, photographs.pixels, f"dictionary {number + 1}")}

    found = once(out / "features.safetensors", features)["plain"].numpy()
    once(out / "readers.safetensors", lambda: _readers(plan, photographs, found))


def trained(plan: Plan, number: int, labels: int, run: Path) -> Textures:
    """The dictionary of a run."""
    dictionary = textures_of(plan.dictionaries[number], plan.folds, labels)
    folder = run / f"dictionary-{number + 1}"
    readers = {f"readers.{name}": table for name, table in load_file(folder / "readers.safetensors").items()}
    dictionary.load_state_dict(load_file(folder / "textures.safetensors") | readers)
    return dictionary.eval()


def plain_features(run: Path, number: int) -> Tensor:
    """(N, F) of the photographs as they are, as the readers learnt them."""
    return load_file(run / f"dictionary-{number + 1}" / "features.safetensors")["plain"]


def pictures(pixels: NDArray[np.uint8], turn: float = 0.0) -> list[Tensor]:
    """Pictures without tone (B, 3, S, S), some at a time; their tone was turned by `turn` degrees before."""
    parts = torch.from_numpy(turned(pixels, turn) if turn else pixels).split(AT_ONCE)
    return [without_tone(part.permute(0, 3, 1, 2).float() / 255) for part in parts]


@torch.inference_mode()
def features_of(dictionary: Textures, pixels: NDArray[np.uint8], called: str, turn: float = 0.0) -> Tensor:
    """(N, F) of photographs (N, S, S, 3)."""
    shown = tqdm(pictures(pixels, turn), desc=called, unit="batch")
    return torch.cat([dictionary.features(part) for part in shown]).clone()


def _readers(plan: Plan, photographs: Photographs, features: NDArray[np.float32]) -> dict[str, Tensor]:
    """One linear reader a fold, side by side: weight (M * K, F) and bias (M * K)."""
    fitted = [_reader(plan, photographs, features, held_out) for held_out in folds(photographs, plan)]
    weights, biases = (np.concatenate(parts) for parts in zip(*fitted, strict=True))
    told = {"weight": weights, "bias": biases}
    return {name: torch.from_numpy(table).float().contiguous() for name, table in told.items()}


def _reader(
    plan: Plan, photographs: Photographs, features: NDArray[np.float32], held_out: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    learnt = photographs.only(np.setdiff1d(np.arange(len(photographs)), held_out))
    shown = np.delete(features, held_out, axis=0)
    # A photograph that is undecided between two conditions is half of each.
    rows, conditions = np.nonzero(learnt.labels)
    weights = learnt.labels[rows, conditions] * (balanced(learnt) / balanced(learnt).mean())[rows]
    scaler = StandardScaler().fit(shown)
    regression = LogisticRegression(C=plan.freedom, max_iter=MOST_ROUNDS)
    regression.fit(scaler.transform(shown)[rows], conditions, weights)
    weight = regression.coef_ / scaler.scale_
    return weight, regression.intercept_ - weight @ scaler.mean_
