"""What clinical information says for and against each condition, added to the photograph's log-odds.

Among the six tumours and keratoses it is learnt from PAD-UFES-20's table of real patients: age band, site and
the answers yes on itch, growth, pain, change, bleeding, elevation, as the prompt states them. Sex, size and
histories stay out: whether that table states them depends on the diagnosis, so silence would speak. Among
the rashes it comes from assumed rates (`training.simulated_clinical.RATES`), for no open data has real ones.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.photographs import DataError
from training.simulated_clinical import BASE_RATE, RATES, real_clinical
from triage.clinical import Clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.prompt import fact_phrases, patient_phrases, wording

TABLE = "derm/pad_ufes_20_metadata.csv"
TUMOURS = ("ack", "bcc", "mel", "nev", "scc", "sek")
# However much is answered yes, it never outweighs a photograph by more than this.
MOST = 3.0


@dataclass(frozen=True)
class Evidence:
    """Phrases that count, and what each adds to the log-odds of the ten conditions (phrases, 10)."""

    phrases: tuple[str, ...]
    weights: NDArray[np.float64]
    constant: NDArray[np.float64]

    def of(self, clinical: Clinical) -> NDArray[np.float64]:
        """What to add to the ten log-probabilities."""
        stated = _stated(clinical)
        given = np.array([phrase in stated for phrase in self.phrases], dtype=float)
        tumours = (given @ self.weights + self.constant) if given.any() else np.zeros(len(CONDITIONS))
        return (tumours + _rashes(clinical)).clip(-MOST, MOST)


def evidence_from(data: Path, weight: float, without_patients: frozenset[str] = frozenset()) -> Evidence:
    """Learn from the table, patients left out as told. Raises `DataError` where it is missing."""
    file = data / TABLE
    if not file.is_file():
        raise DataError(f"{file} is missing: it is PAD-UFES-20's table of patients")
    with file.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["patient_id"] not in without_patients]
    phrases = _phrases()
    said = [_stated(real_clinical(row)) for row in rows]
    table = np.array([[phrase in stated for phrase in phrases] for stated in said], dtype=float)
    truth = np.array([TUMOURS.index(row["diagnostic"].lower()) for row in rows])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(table, truth)
    prior = np.log(np.bincount(truth, minlength=len(TUMOURS)) / len(truth))
    places = [CONDITIONS.index(name) for name in TUMOURS]
    weights, constant = np.zeros((len(phrases), len(CONDITIONS))), np.zeros(len(CONDITIONS))
    weights[:, places] = weight * model.coef_.T
    constant[places] = weight * (model.intercept_ - prior)
    constant[places] -= constant[places].mean()
    return Evidence(phrases, weights, constant)


def _phrases() -> tuple[str, ...]:
    words = wording()
    lesion = [words["lesions"][name] for name in ("itch", "grew", "hurt", "changed", "bleed", "elevation")]
    bands = [band["words"] for band in words["age_bands"]]
    return (*lesion, *words["sites"].values(), *bands)


def _stated(clinical: Clinical) -> frozenset[str]:
    """Facts about the lesion, and the age band where any is given: an age alone says too little."""
    words = wording()
    facts = frozenset(fact_phrases(clinical, words))
    if not facts & frozenset(_phrases()):
        return frozenset()
    return facts | frozenset(patient_phrases(clinical, words).split("; "))


def _rashes(clinical: Clinical) -> NDArray[np.float64]:
    """Assumed rates of what was answered yes, over the base rate."""
    answered = [name for name, symptom in clinical.symptoms if symptom.present == "yes"]
    answered += [name for name, answer in clinical.exposure_21_days if answer == "yes"]
    added = np.zeros(len(CONDITIONS))
    for name in answered:
        for condition, rates in RATES.items():
            added[CONDITIONS.index(condition)] += np.log(rates.get(name, BASE_RATE) / BASE_RATE)
    return added
