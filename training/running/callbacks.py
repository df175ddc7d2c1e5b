"""What happens beside the steps: checkpoints by the clock, the end of patience, the bar."""

import time
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ProgressCallback


class Minutes(TrainerCallback):
    """A checkpoint whenever so many minutes went by. Where it falls changes nothing of the result."""

    def __init__(self, minutes: float) -> None:
        self.seconds, self.last = 60 * minutes, time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint when it is time."""
        if time.monotonic() - self.last >= self.seconds:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Count from the last checkpoint, whoever asked for it."""
        self.last = time.monotonic()


def is_over(history: list[dict[str, Any]], patience: int | None) -> bool:
    """True when the last `patience` evaluations all brought no lower loss. Reads the log alone."""
    losses = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
    best = losses.index(min(losses)) if losses else 0
    return bool(patience and losses and len(losses) - 1 - best >= patience)


class Patience(TrainerCallback):
    """Ends the run after evaluations without a lower loss. Keeps no state, so none is lost."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop when patience has run out."""
        if is_over(state.log_history, self.patience):
            control.should_training_stop = True


class Bar(ProgressCallback):
    """transformers' progress bar, named, with the loss in it instead of a line for each step."""

    def __init__(self, called: str) -> None:
        super().__init__()
        self.called = called

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Name the bar: several parts may be learnt at the same time."""
        super().on_train_begin(args, state, control, **kwargs)  # type: ignore[no-untyped-call]
        if self.training_bar is not None:
            self.training_bar.set_description(self.called)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Show the newest figures."""
        if self.training_bar is not None and logs:
            shown = {name: f"{logs[name]:.4g}" for name in ("loss", "eval_loss") if name in logs}
            self.training_bar.set_postfix(shown, refresh=False)
