"""The command of any stage: they differ in their settings alone."""

from pathlib import Path

import click

from dermtriage.commands.train import TABLE

FILE = click.Path(path_type=Path)


def stage_command(stage: str) -> click.Command:
    """The command that runs one stage."""

    @click.command(stage, help=f"{TABLE[stage]}\n\nAll settings: training/config.py; begin with a preset.")
    @click.option(
        "--config", type=FILE, help="A YAML file: the stage's settings, or a section for each stage."
    )
    @click.option("--preset", help="A preset to begin with: see dermtriage train presets.")
    @click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="One setting, such as seed=3.")
    @click.option("--out", type=FILE, help=f"The run folder, made where missing.  [default: runs/{stage}]")
    def command(config: Path | None, preset: str | None, words: tuple[str, ...], out: Path | None) -> None:
        from training.config_file import settings_of

        if config is None and preset is None:
            raise click.UsageError("what is to be done? give --config FILE or --preset NAME")
        settings = settings_of(stage, preset=preset, file=config, words=words)
        folder = out or Path("runs") / stage
        _run(stage, settings, folder)

    return command


def _run(stage: str, settings: object, folder: Path) -> None:
    """With torch, which is imported when the settings are known to be sound."""
    import torch

    from training.config import Running
    from training.running.run import is_finished, run
    from vlm.settings import VlmSettings

    assert isinstance(settings, Running)  # noqa: S101 - what settings_of returns
    torch.set_num_threads(VlmSettings().vlm_threads)
    was_finished = is_finished(folder)
    metrics = run(stage, settings, folder)
    said = "was finished before" if was_finished else "is finished"
    click.echo(
        f"{folder} {said}: {metrics['steps']} steps, loss {metrics['loss']:.4f}; see {folder / 'model'}"
    )
