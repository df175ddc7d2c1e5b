"""One folder per training run: configuration, a sub-folder per stage, metrics and curves.

A stage that has been finished with the same plan is read instead of trained again.
"""

import csv
import json
from pathlib import Path
from typing import Any

from training.plan import Plan

Curve = list[dict[str, float]]


class RunFolder:
    """The place of one run. Raises `ValueError` when the folder holds a run with another plan."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        config, text = path / "config.json", json.dumps(plan.as_dict(), indent=2) + "\n"
        if config.exists() and config.read_text() != text:
            raise ValueError(f"{path} holds a run with another plan: give another --out")
        config.write_text(text)

    def stage(self, name: str) -> Path:
        """The folder of a stage, made where missing."""
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        return folder

    def is_finished(self, name: str) -> bool:
        """True when the stage wrote its curve, which it does last."""
        return (self.path / name / "curve.csv").is_file()

    def finish(self, name: str, curve: Curve) -> None:
        """Mark a stage as finished by its curve."""
        unfinished = self.stage(name) / "curve.csv.part"
        columns = list(dict.fromkeys(column for point in curve for column in point))
        with unfinished.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, columns)
            writer.writeheader()
            writer.writerows(curve)
        unfinished.rename(self.stage(name) / "curve.csv")

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Write a file of results at the top of the folder."""
        (self.path / name).write_text(json.dumps(content, indent=2) + "\n")

    def draw_curves(self) -> None:
        """All curves of the run in one picture, curves.png."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        found = sorted(path for path in self.path.glob("*/curve.csv") if path.parent.name != "tokenizer")
        figure, axes = pyplot.subplots(
            1, max(1, len(found)), figsize=(4 * max(1, len(found)), 3), squeeze=False
        )
        for path, axis in zip(found, axes[0], strict=False):
            with path.open(newline="") as lines:
                points = list(csv.DictReader(lines))
            for column in points[0] if points else ():
                drawn = [(float(p["step"]), float(p[column])) for p in points if p[column]]
                if column != "step":
                    axis.plot(*zip(*drawn, strict=True), label=column)
            axis.set_title(path.parent.name)
            axis.legend(fontsize=7)
        figure.tight_layout()
        figure.savefig(self.path / "curves.png", dpi=100)
        pyplot.close(figure)
