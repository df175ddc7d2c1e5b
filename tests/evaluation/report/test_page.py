"""The report: figures as they are read, nothing from outside, nothing unescaped, the same bytes again."""

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from evaluation.report import Plot, Table, bars, confusion, reliability, roc, write_json, write_report

FIGURE = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 8}
UNDEFINED = {"value": None, "low": None, "high": None, "n": 0}
PLOTS = [
    Plot("bars", "Values", "accuracy 0.5", bars({"accuracy": FIGURE, "recall": UNDEFINED})),
    Plot("confusion", "Confusion", "3 of 4 right", confusion([[1, 1], [0, 2]], ["a", "b"], ["a", "b"])),
    Plot("roc", "ROC", "above chance", roc({"mpox": ([0, 0.2, 1], [0, 0.9, 1])})),
    Plot("reliability", "Reliability", "too sure", reliability([0.2, 0.9], [0.3, 0.7])),
]


class Reader(HTMLParser):
    """Collects cells, addresses and alternative texts; notes elements that were never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.addresses: list[str] = []
        self.alternatives: list[str | None] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_cell = tag in ("td", "th")
        if self._in_cell:
            self.cells.append("")
        self.addresses += [given[name] or "" for name in ("src", "srcset", "href") if name in given]
        if tag == "img":
            self.alternatives.append(given.get("alt"))

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = False


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text())
    return reader


def test_page_holds_figures_tables_plots_and_provenance(tmp_path: Path) -> None:
    metrics = {"accuracy": FIGURE, "clinical": {"recall": UNDEFINED, "rows": 8}}
    table = Table("By skin", ("band", "sensitivity"), [("dark", FIGURE), ("light", None)])
    page = write_report(
        tmp_path, "A run", metrics, tables=[table], plots=PLOTS, provenance={"model": {"dtype": "float32"}}
    )
    reader = read(page)
    assert [c for c in reader.cells if c.startswith("0.500")] == ["0.500 [0.250, 0.750]"] * 2
    for cell in ("accuracy", "clinical · recall", "undefined", "dark", "–", "model · dtype", "float32"):
        assert cell in reader.cells
    assert reader.alternatives == [plot.says for plot in PLOTS]
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)


def test_plots_are_pictures_for_light_and_dark(tmp_path: Path) -> None:
    page = write_report(tmp_path, "A run", {}, plots=PLOTS)
    corners = []
    for plot in PLOTS:
        with Image.open(io.BytesIO((tmp_path / "plots" / f"{plot.name}.png").read_bytes())) as picture:
            corners.append(picture.convert("L").getpixel((1, 1)))
    assert corners == [255] * len(PLOTS)
    light, dark = read(page).addresses[1], read(page).addresses[0]
    assert light != dark


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    pages = [write_report(tmp_path / name, "A run", {"a": FIGURE}, plots=PLOTS[:1]) for name in "ab"]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_what_comes_from_data_is_escaped(tmp_path: Path) -> None:
    page = write_report(tmp_path, "<b>", {"<script>": FIGURE}, notes=["<i>"])
    text = page.read_text()
    assert "<script>" not in text
    assert "<i>" not in text
    assert "<script>" in read(page).cells


def test_json_has_no_nan_and_replaces_a_file_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "metrics.json", {"b": 1, "a": FIGURE})
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"b": 1, "a": FIGURE}
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "metrics.json", {"a": float("nan")})
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.json"]
