"""A run folder of made-up weights and answers, and the files that a model card is written from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner, Result
from safetensors.numpy import save_file

from training.bundled.card import main
from vlm.weights import sha256_of

DICTIONARY = {"side": 64, "patch": 6, "words": 800}
FISHER = {"side": 32, "patch": 8, "kinds": 16, "directions": 20}
PLAN: dict[str, Any] = {"seed": 7, "folds": 5, "side": 128, "dictionaries": [DICTIONARY, FISHER]}
HEADLINE = (
    "accuracy4", "balanced_accuracy4", "mpox_sensitivity", "mpox_specificity", "mpox_auroc",
    "mpox_vs_lookalikes_auroc", "mpox_vs_lookalikes_accuracy", "derm_accuracy",
)  # fmt: skip
SIDES = ("mpox_sensitivity", "mpox_specificity", "mpox_specificity_among_pox")
PROMISES = ("named_finding", "facts_only_given", "every_red_flag")


def figure(value: float | None, n: int = 100) -> dict[str, Any]:
    low, high = (None, None) if value is None else (value - 0.05, value + 0.05)
    return {"value": value, "low": low, "high": high, "n": n}


def put(content: dict[str, Any], road: str, value: Any) -> None:
    *steps, last = road.split(".")
    for step in steps:
        content = content[step]
    if value is KeyError:
        del content[last]
    else:
        content[last] = value


class Run:
    """A run folder of made-up weights and answers, and the three files that were measured on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.model = root, root / "run" / "model"
        self.model.mkdir(parents=True)
        save_file({"head": np.zeros((2, 3), dtype=np.float16)}, self.model / "model.safetensors")
        (root / "run" / "out_of_fold.csv").write_text("file,view\n")
        self.weights = sha256_of(self.model / "model.safetensors")
        self.write("run/config.json", PLAN)
        calibration = {"operating_points": {"mpox": 0.31}, "conformal": {"coverage": 0.9}}
        self.write("run/model/calibration.json", calibration)
        self.write("triage.json", self.triage())
        self.write("guarded.json", self.explained(1.0, unguarded=False))
        self.write("unguarded.json", self.explained(0.75, unguarded=True))

    def triage(self) -> dict[str, Any]:
        part = {name: figure(0.9, 20) for name in (*HEADLINE[:1], *HEADLINE[2:4], "derm_accuracy")}
        bands = {name: figure(0.9, 30) for name in ("dark", "middle", "light")}
        return {
            **{name: figure(0.9) for name in HEADLINE},
            "ece": figure(0.04),
            "operating_point": {"threshold": 0.31, "source": "given"},
            "photographs": {"mpox": 40, "chickenpox_or_measles": 3},
            "recall": {"mpox": figure(0.875, 40)},
            "subgroups": {
                name: {"given": dict(part)} for name in ("fitzpatrick", "ita", "age", "sex", "source")
            },
            "tone": {
                "bands": "dark: ITA below 10",
                **{side: bands | {"dark_minus_light": figure(0.01)} for side in SIDES},
                "flips": {"shift": "25 degrees", "all": figure(0.02), "pox": figure(0.03)},
            },
            "provenance": {
                "photographs": 1449,
                "split": "all",
                "predictions_sha256": sha256_of(self.root / "run" / "out_of_fold.csv"),
            },
        }

    def explained(self, kept: float, *, unguarded: bool) -> dict[str, Any]:
        made_with = {"cases": 500, "seed": 0, "unguarded": unguarded, "photographs": ["a.png", "b.png"]}
        provenance = made_with | {"model": {"weights_sha256": self.weights}}
        return {name: figure(kept, 500) for name in PROMISES} | {"provenance": provenance}

    def write(self, file: str, content: dict[str, Any]) -> None:
        (self.root / file).write_text(json.dumps(content))

    def change(self, file: str, road: str, value: Any) -> None:
        """Put a value into a file; `KeyError` takes it out."""
        content = json.loads((self.root / file).read_text())
        put(content, road, value)
        self.write(file, content)

    def carded(self) -> Result:
        files = {"run": "run", "triage": "triage.json", "explanations": "guarded.json"}
        files["unguarded"] = "unguarded.json"
        told = [word for name, file in files.items() for word in (f"--{name}", str(self.root / file))]
        return CliRunner().invoke(main, [*told, "--minutes", "412"])

    def card(self) -> str:
        answer = self.carded()
        assert answer.exit_code == 0, answer.output
        return (self.model / "MODEL_CARD.md").read_text()
