"""Are probabilities among the four as good as they say? The expected calibration error, with five bins.

The confidence is the probability of the best of the four among the four (their sum is 1).
"""

from evaluation.intervals import Figure, Rows, with_interval
from evaluation.reliability import Bin, bins, error_of
from evaluation.triage_set.labels import FOUR
from evaluation.triage_set.readings import Floats, Mask, Readings
from evaluation.triage_set.views import View

BINS = 5


def calibration_error(readings: Readings, view: View = "plain") -> Figure:
    """Mean distance of confidence and share of right answers, weighted by the bins' sizes."""
    rows, confidence, right = _confidences(readings, view)

    def measure(drawn: Rows) -> float:
        return error_of(bins(confidence[drawn], right[drawn], BINS))

    return with_interval(measure, readings.groups[rows])


def reliability_bins(readings: Readings, view: View = "plain") -> list[Bin]:
    """The bins behind the figure."""
    _, confidence, right = _confidences(readings, view)
    return bins(confidence, right, BINS)


def _confidences(readings: Readings, view: View) -> tuple[Rows, Floats, Mask]:
    rows = readings.of(*FOUR)
    right = readings.best_of(FOUR, view)[rows] == readings.labels[rows]
    return rows, readings.among(FOUR, view)[rows].max(axis=1, initial=0.0), right
