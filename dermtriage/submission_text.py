"""A case in words for the terminal. AI results are marked preliminary wherever they stand."""

from collections.abc import Iterator
from typing import Any

SHOWN_FINDINGS = 5


def accepted_in_words(answer: dict[str, Any]) -> str:
    """The answer 202: what the rules alone decided."""
    lines = [
        f"Case {answer['id']} is accepted.",
        f"Level by rules alone: {answer['level']}, due {answer['due_at']}",
        *_reasons(answer["reasons"]),
    ]
    if answer.get("advice") == "emergency_care_now":
        lines.append("Advice: emergency care now. Do not wait for a review.")
    return "\n".join(lines)


def case_in_words(case: dict[str, Any]) -> str:
    """The body of GET: state, level, findings, explanation, reasons."""
    mark = "preliminary until a clinician decides" if case["preliminary"] else "decided by a clinician"
    lines = [
        f"State: {case['status']}",
        f"Level: {case['level']} ({mark}), due {case['due_at']}",
        *_findings(case),
        f"Explanation: {case['explanation'] or 'none'}",
        "Reasons:",
        *_reasons(case["reasons"]),
    ]
    if case["flags"]:
        lines.append(f"Flags: {', '.join(case['flags'])}")
    if case["review"]:
        lines.append(f"Review: {case['review']['verdict']}, {case['review']['diagnosis'] or 'no diagnosis'}")
    return "\n".join([*lines, case["notice"]])


def _findings(case: dict[str, Any]) -> Iterator[str]:
    if not case["findings"]:
        yield "Findings: no AI result"
        return
    yield "Findings (AI, preliminary):" if case["preliminary"] else "Findings (AI):"
    for finding in case["findings"][:SHOWN_FINDINGS]:
        yield f"  {finding['condition']:<12} {finding['probability']:6.1%}"


def _reasons(reasons: list[dict[str, str]]) -> list[str]:
    return [f"  {reason['rule']}: {reason['text']}" for reason in reasons]
