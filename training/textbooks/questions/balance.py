"""Keeps yes and no even: at no time do they differ by more than one."""

from training.textbooks.questions.choosing import number_for


class Balance:
    """Counts of the answers given so far."""

    def __init__(self) -> None:
        self.yes = self.no = 0

    def answer(self, *, can_yes: bool, can_no: bool, key: str) -> str | None:
        """Which of its possible answers the next question gets; None where that would tilt the scale."""
        if can_yes and can_no and self.yes == self.no:
            return self._counted("yes" if number_for(key, "balance") % 2 else "no")
        if can_yes and self.yes <= self.no:
            return self._counted("yes")
        if can_no and self.no <= self.yes:
            return self._counted("no")
        return None

    def _counted(self, answer: str) -> str:
        if answer == "yes":
            self.yes += 1
        else:
            self.no += 1
        return answer
