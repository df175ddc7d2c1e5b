"""Reports of evaluations: one HTML page that needs nothing else, its plots as PNG files, figures as JSON."""

from evaluation.report.drawings import Drawing, bars, confusion, reliability, roc
from evaluation.report.page import Plot, Table, write_report
from evaluation.report.whole import write_json

__all__ = [
    "Drawing",
    "Plot",
    "Table",
    "bars",
    "confusion",
    "reliability",
    "roc",
    "write_json",
    "write_report",
]
