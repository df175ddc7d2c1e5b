"""What is wrong with a policy file, in words: each line names the key and the remedy."""

from pydantic import ValidationError

_REMEDIES = {
    "extra_forbidden": "unknown key; remove it or correct its spelling",
    "missing": "missing; add it",
    "string_type": "must be text; put it in quotes",
}


class PolicyError(ValueError):
    """A policy that cannot be used. Permanent: the file must be changed."""


def explained(error: ValidationError) -> str:
    """Every fault found, one after the other, each with the path of its key."""
    return "; ".join(
        f"{_path(fault['loc'])}: {_REMEDIES.get(fault['type'], fault['msg'].removeprefix('Value error, '))}"
        for fault in error.errors()
    )


def _path(location: tuple[int | str, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".") or "policy"
