"""Guesses at how an explanation goes on, so that several tokens are read in one pass.

A guess changes no word: each guessed token is kept only where it is what greedy decoding picks. A network
whose explanations follow a form (a lead, a fixed order, phrases that come back) is guessed well by what it
wrote before; the guesses are learnt once, when the model is loaded, so that no case leaves a trace in others.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from vlm.engine.backend import Guard

# Tokens looked back at for a guess.
LOOKED_BACK = 3
# For one explanation alone a pass costs the same whatever it reads; for many, tokens guessed wrong cost work.
LONGEST_DRAFT, LONGEST_IN_COMPANY = 16, 4

Context = tuple[int, ...]


def reach(explanations: int) -> int:
    """How far to guess when so many explanations are written together."""
    return max(LONGEST_IN_COMPANY, LONGEST_DRAFT // explanations)


class Drafts:
    """Which token followed which, in explanations of the same answer first, of any answer otherwise."""

    def __init__(self, told: Sequence[tuple[int, Sequence[int]]] = ()) -> None:
        """`told`: explanations by the number of their answer, as token ids from the answer on."""
        seen: defaultdict[Context, Counter[int]] = defaultdict(Counter)
        for answer, tokens in told:
            for place in range(LOOKED_BACK, len(tokens)):
                before = tuple(tokens[place - LOOKED_BACK : place])
                seen[(answer, *before)][tokens[place]] += 1
                seen[before][tokens[place]] += 1
        self._next = {context: counts.most_common(1)[0][0] for context, counts in seen.items()}

    def draft(self, answer: int, tokens: Sequence[int], guard: Guard | None, longest: int) -> list[int]:
        """At most `longest` tokens that may follow; none where there is no guess."""
        if not self._next:
            return []
        guard = guard.copy() if guard else None
        guessed: list[int] = []
        known = list(tokens[-LOOKED_BACK:])
        while len(guessed) < min(longest, LONGEST_DRAFT):
            token = self._guess(answer, tuple(known[-LOOKED_BACK:]), guard.allowed() if guard else None)
            if token is None:
                break
            guessed.append(token)
            known.append(token)
            if guard:
                guard.written(token)
        return guessed

    def _guess(self, answer: int, before: Context, allowed: Sequence[int] | None) -> int | None:
        usual = self._next.get((answer, *before), self._next.get(before))
        if allowed is None or usual in allowed:
            return usual
        return allowed[0]
