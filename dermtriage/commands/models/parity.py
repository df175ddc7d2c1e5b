"""`dermtriage models parity`."""

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("checkpoint", type=FOLDER)
@click.argument("expected", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--base", type=FOLDER, help="The base checkpoint of a LoRA folder.")
@click.option("--vision-tower", type=FOLDER, help="The folder with the vision tower's config.json.")
@click.option(
    "--images", type=FOLDER, help="What `image` is relative to; default: the parent of EXPECTED's folder."
)
@click.option("--beams", is_flag=True, help="Compare what beam search writes, too; takes longer.")
def command(
    checkpoint: Path,
    expected: Path,
    base: Path | None,
    vision_tower: Path | None,
    images: Path | None,
    beams: bool,
) -> None:
    """Compare an original LLaVA checkpoint with numbers that the original code gave for it.

    EXPECTED is NAME.json with NAME.safetensors beside it. One line a check, with the largest difference
    (0 or 1 where only equality counts). Exits 1 on a miss, 2 where checkpoint or record cannot be read.
    """
    import torch

    from vlm.errors import ModelError
    from vlm.llava.checkpoint import load_checkpoint
    from vlm.llava.parity import BadRecord, checks
    from vlm.settings import VlmSettings

    missed = 0
    # On tiny models a second thread only waits for the first.
    torch.set_num_threads(VlmSettings().vlm_threads)
    try:
        loaded = load_checkpoint(checkpoint, base=base, vision_tower=vision_tower)
        for check in checks(loaded, expected, images or expected.resolve().parent.parent, beams):
            click.echo(f"{'ok  ' if check.met else 'MISS'} {check.name}: {check.difference:.2e}")
            missed += not check.met
    except (ModelError, BadRecord) as error:
        raise click.UsageError(str(error)) from error
    if missed:
        raise click.ClickException(f"{missed} checks missed")
