"""The figures of readings once more, by plain Python over all rows: written from their definitions alone.

It shares no code with the product. Kappa is scikit-learn's, intervals of rates are SciPy's, quartiles
NumPy's. A figure is (value, low, high, n), without value below ten; for kappa the interval is left out.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Told = tuple[float | None, float | None, float | None, int]
RANKS = {"emergency": 0, "urgent": 1, "priority": 2, "routine": 3, "not_gradable": 3, "self_care": 4}


def share(hits: list[bool]) -> Told:
    """A rate with Wilson's interval."""
    if len(hits) < 10:
        return (None, None, None, len(hits))
    tested = binomtest(sum(hits), len(hits)).proportion_ci(0.95, method="wilson")
    return (sum(hits) / len(hits), tested.low, tested.high, len(hits))


def kappa(pairs: list[tuple[str, str]]) -> Told:
    """Cohen's kappa, without its interval."""
    if len(pairs) < 10 or len({name for pair in pairs for name in pair}) == 1:
        return (None, None, None, len(pairs))
    return (float(cohen_kappa_score(*zip(*pairs, strict=True))), None, None, len(pairs))


def quartiles(numbers: list[float]) -> Told:
    """The median between the quartiles."""
    if len(numbers) < 10:
        return (None, None, None, len(numbers))
    low, middle, high = np.percentile(numbers, [25, 50, 75])
    return (float(middle), float(low), float(high), len(numbers))


def standing(review: Row) -> bool:
    """Decided, and not undone after that."""
    return review["decided_at"] is not None and (
        review["undone_at"] is None or review["undone_at"] < review["decided_at"]
    )


def newest_answer(review: Row, reviews: list[Row], own: bool) -> Row:
    """The review, or the newest of the corrections that lead back to it (of its own person's only)."""
    by_id = {row["id"]: row for row in reviews}

    def first_of(row: Row) -> Row:
        while row["kind"] == "amendment":
            row = by_id[row["supersedes_id"]]
        return row

    corrections = [
        row
        for row in reviews
        if row["kind"] == "amendment"
        and row["case_id"] == review["case_id"]
        and standing(row)
        and first_of(row)["id"] == review["id"]
        and (not own or row["clinician_id"] == review["clinician_id"])
    ]
    return max([review, *corrections], key=lambda row: row["decided_at"])


def is_answer(review: Row) -> bool:
    """A verdict that gives a level as the result."""
    return review["verdict"] in ("confirm", "override")


def top(assessment: Row) -> str:
    """The condition that the model finds most probable."""
    best = max(assessment["findings"], key=lambda finding: finding["probability"])
    return str(best["condition"])


class ByHand:
    """All rows, and the window from `start` to before `end`."""

    def __init__(self, tables: Tables, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self.reviews = tables["reviews"]
        self.cases = {row["id"]: row for row in tables["cases"]}
        self.assessments = {row["id"]: row for row in tables["assessments"]}
        self.platforms = {row["id"]: row["name"] for row in tables["platforms"]}
        self.of_case: dict[Any, list[Row]] = defaultdict(list)
        for row in self.reviews:
            self.of_case[row["case_id"]].append(row)
        self.truth = {row["case_id"]: (row["level"], row["diagnosis"]) for row in tables["known_cases"]}
        for case_id, rows in self.of_case.items():
            judged = [
                (row, newest_answer(row, rows, own=False))
                for row in rows
                if row["kind"] == "adjudication" and standing(row)
            ]
            judged = [(row, answer) for row, answer in judged if is_answer(answer)]
            if judged:
                answer = max(judged, key=lambda pair: pair[0]["decided_at"])[1]
                self.truth[case_id] = (answer["level"], answer["diagnosis"])

    def _in_window(self, row: Row) -> bool:
        return standing(row) and self.start <= row["decided_at"] < self.end

    def readers(self) -> dict[tuple[str, str], dict[str, Told]]:
        """Figures by the reader's id and the kind of reading."""
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.reviews:
            if row["kind"] != "amendment" and self._in_window(row):
                groups[str(row["clinician_id"]), row["kind"]].append(row)
        return {key: self._figures(rows) for key, rows in groups.items()}

    def models(self) -> dict[str, dict[str, Told]]:
        """Figures of first readings by the id of the model version."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.reviews:
            if row["kind"] == "first" and self._in_window(row) and row["assessment_id"]:
                groups[str(self.assessments[row["assessment_id"]]["model_version_id"])].append(row)
        return {key: self._figures(rows) for key, rows in groups.items()}

    def _figures(self, rows: list[Row]) -> dict[str, Told]:
        level, diagnosis, blind_level, blind_diagnosis = [], [], [], []
        overrides, overturned, followed, corrected = [], [], [], []
        known_level, known_diagnosis, late, delays = [], [], [], []
        for row in rows:
            answer = newest_answer(row, self.of_case[row["case_id"]], own=True)
            case, truth = self.cases[row["case_id"]], self.truth.get(row["case_id"])
            ai = self.assessments.get(row["assessment_id"])
            if ai is not None and ai["level"] == "not_gradable":
                ai = None
            if ai and row["blind"]:
                if row["blind_level"]:
                    blind_level.append((ai["level"], row["blind_level"]))
                if row["blind_diagnosis"]:
                    blind_diagnosis.append((top(ai), row["blind_diagnosis"]))
            if not is_answer(answer):
                continue
            if row["kind"] == "first":
                delay = (row["decided_at"] - case["due_at"]).total_seconds()
                late.append(delay > 0)
                if delay > 0:
                    delays.append(delay)
            if row["kind"] == "known" and truth:
                known_level.append(answer["level"] == truth[0])
                if truth[1] and answer["diagnosis"]:
                    known_diagnosis.append(answer["diagnosis"] == truth[1])
            if not ai:
                continue
            level.append((ai["level"], answer["level"]))
            if answer["diagnosis"]:
                diagnosis.append((top(ai), answer["diagnosis"]))
            overrides.append(answer["verdict"] == "override")
            if truth and row["kind"] != "adjudication":
                if ai["level"] == truth[0]:
                    overturned.append(answer["level"] != ai["level"])
                else:
                    followed.append(answer["level"] == ai["level"])
                    corrected.append(answer["level"] == truth[0])
        seconds = [(row["decided_at"] - row["claimed_at"]).total_seconds() for row in rows]
        compared = {
            "level": level,
            "diagnosis": diagnosis,
            "blind_level": blind_level,
            "blind_diagnosis": blind_diagnosis,
        }
        return {
            **{f"{name}_agreement": share([a == b for a, b in pairs]) for name, pairs in compared.items()},
            **{f"{name}_kappa": kappa(pairs) for name, pairs in compared.items()},
            "override_rate": share(overrides),
            "overturned_correct": share(overturned),
            "followed_wrong": share(followed),
            "corrected_wrong": share(corrected),
            "known_level": share(known_level),
            "known_diagnosis": share(known_diagnosis),
            "time_on_case_seconds": quartiles(seconds),
            "late": share(late),
            "delay_seconds": quartiles(delays),
        }

    def performance(self, at: datetime) -> dict[tuple[str, str], dict[str, Told]]:
        """The AI result against final decisions, by dimension and value."""
        groups: dict[tuple[str, str], list[tuple[Row, Row]]] = defaultdict(list)
        for case_id, case in self.cases.items():
            if case["known"] or case["status"] != "completed" or case["final_at"] > at:
                continue
            rows = self.of_case[case_id]
            made = [
                (row, newest_answer(row, rows, own=False))
                for row in rows
                if row["kind"] in ("first", "adjudication") and self._in_window(row)
            ]
            made = [(row, answer) for row, answer in made if is_answer(answer)]
            if not made:
                continue
            row, answer = max(made, key=lambda pair: pair[0]["decided_at"])
            ai = self.assessments.get(row["assessment_id"])
            if ai is None or ai["level"] == "not_gradable":
                continue
            for group in self._subgroups(case, row, ai):
                groups[group].append((ai, answer))
        return {key: self._against_final(rows) for key, rows in groups.items()}

    def _subgroups(self, case: Row, row: Row, ai: Row) -> list[tuple[str, str]]:
        years = case["clinical"]["age"]["years"]
        year, week, _ = row["decided_at"].astimezone(UTC).isocalendar()
        bands = [(1, "under 2"), (11, "2 to 11"), (17, "12 to 17"), (39, "18 to 39"), (64, "40 to 64")]
        skin = case["clinical"].get("fitzpatrick")
        return [
            ("all", ""),
            ("week", f"{year}-W{week:02d}"),
            ("model", str(ai["model_version_id"])),
            ("skin_type", "not stated" if skin is None else str(skin)),
            ("age", next((name for last, name in bands if years <= last), "65 and over")),
            ("sex", case["clinical"]["sex"]),
            ("platform", self.platforms[case["platform_id"]]),
            ("region", case["region"]),
        ]

    @staticmethod
    def _against_final(rows: list[tuple[Row, Row]]) -> dict[str, Told]:
        ranks = [(RANKS[ai["level"]], RANKS[answer["level"]]) for ai, answer in rows]
        named = [(top(ai), answer["diagnosis"]) for ai, answer in rows if answer["diagnosis"]]
        return {
            "level_agreement": share([ai["level"] == answer["level"] for ai, answer in rows]),
            "less_urgent": share([ai > final for ai, final in ranks]),
            "more_urgent": share([ai < final for ai, final in ranks]),
            "diagnosis_agreement": share([ai == final for ai, final in named]),
        }

    def override_weeks(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Overridden and all answers of first readings with a gradable AI result, by model version, week."""
        found: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for row in self.reviews:
            ai = self.assessments.get(row["assessment_id"])
            if row["kind"] != "first" or not self._in_window(row) or not ai or ai["level"] == "not_gradable":
                continue
            answer = newest_answer(row, self.of_case[row["case_id"]], own=True)
            if is_answer(answer):
                year, week, _ = row["decided_at"].astimezone(UTC).isocalendar()
                key = (str(ai["model_version_id"]), f"{year}-W{week:02d}")
                overridden, n = found[key]
                found[key] = (overridden + (answer["verdict"] == "override"), n + 1)
        return dict(found)
