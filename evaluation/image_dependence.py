"""Does the check for an ignored photograph work? `python -m evaluation.image_dependence --data DIR`.

Reads the validation photographs with the model, and with the same model after every path from its image to
its decoder was set to zero. The second one cannot see, so its cases ought to be flagged; the first's seldom.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import torch
from PIL import Image

import vlm
from triage.clinical import Clinical
from triage.example import example_clinical
from vlm.engine.assessor import Assessor
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration

FOLDERS = ("pox", "derm")
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95)
AT_ONCE = 32

BARE = Clinical.model_validate(
    {"patient_ref": "evaluation", "consent": {"triage": True}, "region": "XX-0", "age": {"years": 34}}
)
GIVEN = {"none": BARE, "example": Clinical.model_validate(example_clinical())}


def validation_photographs(data: Path) -> list[Path]:
    """The photographs that the manifests of `pox/` and `derm/` give to the split `val`."""
    found = []
    for folder in FOLDERS:
        with (data / folder / "manifest.csv").open(newline="") as lines:
            found += [data / folder / row["file"] for row in csv.DictReader(lines) if row["split"] == "val"]
    return found


def blind(network: MpoxVLMForConditionalGeneration) -> None:
    """Set every path from the image to the decoder to zero: patches and soft prompt."""
    with torch.no_grad():
        for part in (network.model.multi_modal_projector, network.model.lesion_projector):
            for parameter in part.parameters():
                parameter.zero_()


def figures(model: Assessor, photographs: Sequence[Path], clinical: Clinical) -> dict[str, float]:
    """Share of cases flagged `image_ignored`, and quantiles of the image dependence."""
    flagged, dependence = [], []
    for start in range(0, len(photographs), AT_ONCE):
        cases = [
            vlm.Presentation((_opened(path),), clinical) for path in photographs[start : start + AT_ONCE]
        ]
        for findings in model.assess(cases):
            if findings.image_dependence is None:
                raise click.UsageError("image dependence is not measured: set VLM_IMAGE_DEPENDENCE=1")
            flagged.append(findings.image_ignored)
            dependence.append(findings.image_dependence)
    quantiles = np.quantile(dependence, QUANTILES)
    named = {f"q{q:g}": round(float(v), 4) for q, v in zip(QUANTILES, quantiles, strict=True)}
    return {"cases": len(flagged), "image_ignored": round(float(np.mean(flagged)), 4), **named}


def measure(model: Assessor, photographs: Sequence[Path]) -> dict[str, dict[str, float]]:
    """Figures by model and clinical information. Blinds the model for good."""
    seeing = {f"as it is, information {name}": figures(model, photographs, c) for name, c in GIVEN.items()}
    network = model.backend.network
    if not isinstance(network, MpoxVLMForConditionalGeneration):
        raise click.UsageError(
            "only an MpoxVLM can be blinded here: its paths from image to decoder are known"
        )
    blind(network)
    return seeing | {
        f"blinded, information {name}": figures(model, photographs, c) for name, c in GIVEN.items()
    }


def table(measured: dict[str, dict[str, float]]) -> str:
    """One line for each model."""
    columns = ["cases", "image_ignored", *(f"q{q:g}" for q in QUANTILES)]
    lines = [f"{'model':36}" + "".join(f"{column:>15}" for column in columns)]
    lines += [
        f"{name:36}" + "".join(f"{row[column]:>15}" for column in columns) for name, row in measured.items()
    ]
    return "\n".join(lines)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), required=True, help="Holds pox/ and derm/"
)
@click.option("--model", "ref", default="bundled", show_default=True, help="What the model is loaded by")
def main(data: Path, ref: str) -> None:
    """Print both models' share of `image_ignored` as a table, then as JSON."""
    model = vlm.load(ref)
    if not isinstance(model, Assessor):
        raise click.UsageError("only a local model can be blinded")
    measured = measure(model, validation_photographs(data))
    click.echo(table(measured))
    click.echo(json.dumps(measured))


if __name__ == "__main__":
    main()
