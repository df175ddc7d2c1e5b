"""What `dermtriage models compare` says: figures of two models over the cases that both have read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt
from statistics import NormalDist
from typing import Any, get_args

from db.comparison import Beside
from triage import CONDITIONS, RANK, Level

ORDER: tuple[Level, ...] = tuple(sorted(get_args(Level), key=lambda level: (RANK[level], level)))
Z95 = NormalDist().inv_cdf(0.975)


def compare_on_trial(since: datetime | None) -> dict[str, Any] | None:
    """The version on trial, and figures beside each version in force; None while it has read nothing."""
    from db.comparison import read_by_both, version_on_trial, versions
    from dermtriage.commands.database import transaction

    with transaction() as session:
        shadow = version_on_trial(session)
        if shadow is None:
            return None
        tallies: dict[Any, Tally] = {}
        for row in read_by_both(session, shadow.id, since):
            at = row.assessed_at
            tallies.setdefault(row.active_version_id, Tally((at, at))).add(row)
        known = versions(session)
        newest_last = sorted(tallies.items(), key=lambda item: item[1].span[1])
        return {
            "shadow": {"ref": shadow.ref, "revision": shadow.revision},
            "since": since,
            "comparisons": [
                {"active": {"ref": known[key].ref, "revision": known[key].revision}, **tally.facts()}
                for key, tally in newest_last
            ],
        }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share (Wilson 1927, no continuity correction); n > 0."""
    share, square = hits / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return middle - half, middle + half


@dataclass
class Tally:
    """Sums over the cases that one version in force and the version on trial have read."""

    span: tuple[datetime, datetime]
    n: int = 0
    levels: Counter[tuple[str, str]] = field(default_factory=Counter)
    same_top: int = 0
    variation: float = 0.0
    mpox: list[float] = field(default_factory=lambda: [0.0, 0.0])
    flags: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    errors: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)

    def add(self, row: Beside) -> None:
        """Count one case."""
        self.span = min(self.span[0], row.assessed_at), max(self.span[1], row.assessed_at)
        if row.error is not None or row.shadow_level is None:
            self.errors[row.error or "no level"] += 1
            return
        self.n += 1
        self.levels[row.level, row.shadow_level] += 1
        active, shadow = _probabilities(row.findings), _probabilities(row.shadow_findings)
        self.same_top += max(active, key=active.__getitem__) == max(shadow, key=shadow.__getitem__)
        self.variation += sum(abs(active[name] - shadow[name]) for name in CONDITIONS) / 2
        self.mpox[0] += active["mpox"]
        self.mpox[1] += shadow["mpox"]
        self.flags[0].update(row.flags)
        self.flags[1].update(row.shadow_flags)
        if row.decided:
            self.decided["n"] += 1
            self.decided["active"] += row.level == row.decided
            self.decided["shadow"] += row.shadow_level == row.decided

    def facts(self) -> dict[str, Any]:
        """The figures; without a case that both have read only errors."""
        facts: dict[str, Any] = {
            "n": self.n,
            "first_assessed": self.span[0].astimezone(UTC),
            "last_assessed": self.span[1].astimezone(UTC),
            "errors": dict(self.errors.most_common()),
        }
        return facts | self._of_readings() if self.n else facts

    def _of_readings(self) -> dict[str, Any]:
        ranks = [(RANK[row], RANK[column], n) for (row, column), n in self.levels.items()]  # type: ignore[index]
        same = sum(n for (row, column), n in self.levels.items() if row == column)
        raised = sum(n for row, column, n in ranks if column < row)
        lowered = sum(n for row, column, n in ranks if column > row)
        seen = [level for level in ORDER if any(level in pair for pair in self.levels)]
        return {
            "same_level": self._share(same),
            "raised": self._share(raised),
            "lowered": self._share(lowered),
            "equally_urgent": self._share(self.n - same - raised - lowered),
            "same_top_finding": self._share(self.same_top),
            "mean_total_variation": self.variation / self.n,
            "mean_mpox": {"active": self.mpox[0] / self.n, "shadow": self.mpox[1] / self.n},
            "levels": {row: {column: self.levels[row, column] for column in seen} for row in seen},
            "flags": {
                name: {"active": self.flags[0][name], "shadow": self.flags[1][name]}
                for name in sorted(self.flags[0] | self.flags[1])
            },
            "final_decisions": self._decisions(),
        }

    def _share(self, hits: int, n: int | None = None) -> dict[str, Any]:
        total = n or self.n
        low, high = wilson(hits, total)
        return {"cases": hits, "share": hits / total, "low": low, "high": high}

    def _decisions(self) -> dict[str, Any] | None:
        n = self.decided["n"]
        if not n:
            return None
        return {"n": n, **{name: self._share(self.decided[name], n) for name in ("active", "shadow")}}


def _probabilities(findings: list[dict[str, Any]]) -> dict[str, float]:
    """Of every condition, in one order; one that is not named has none."""
    found = {finding["condition"]: finding["probability"] for finding in findings}
    return {name: found.get(name, 0.0) for name in CONDITIONS}
