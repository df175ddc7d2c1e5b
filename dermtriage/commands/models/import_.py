"""`dermtriage models import`."""

import json
import signal
from pathlib import Path
from typing import Any, NoReturn

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
DTYPES = ("stored", "float32", "bfloat16", "float16")


@click.command()
@click.argument("source", type=FOLDER)
@click.argument("target", metavar="DST", type=click.Path(path_type=Path))
@click.option("--base", type=FOLDER, help="The base checkpoint of a LoRA folder; else VLM_LORA_BASE.")
@click.option(
    "--vision-tower",
    type=FOLDER,
    help="The folder with the vision tower's config.json; else VLM_VISION_TOWER.",
)
@click.option(
    "--dtype",
    type=click.Choice(DTYPES),
    default="stored",
    show_default=True,
    help="Precision to write; stored: that of the files, so that nothing is rounded.",
)
@click.option("--force", is_flag=True, help="Replace DST where it exists.")
def command(
    source: Path, target: Path, base: Path | None, vision_tower: Path | None, dtype: str, force: bool
) -> None:
    """Write an original SkinVL, LLaVA-Med or LLaVA checkpoint SOURCE as a standard transformers folder DST.

    DST comes into being whole or not at all. The report is printed, and lies in DST as import_report.json.
    """
    import torch

    from vlm.errors import ModelError
    from vlm.llava.importing import import_checkpoint
    from vlm.settings import VlmSettings

    # A service manager stops a process by SIGTERM: what is half written is then removed as for any error.
    signal.signal(signal.SIGTERM, _stop)
    settings = VlmSettings()
    try:
        report = import_checkpoint(
            source,
            target,
            base=base or _path(settings.vlm_lora_base),
            vision_tower=vision_tower or _path(settings.vlm_vision_tower),
            dtype=None if dtype == "stored" else getattr(torch, dtype),
            template=settings.vlm_llava_template,
            force=force,
            say=lambda line: click.echo(line, err=True),
        )
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(report, indent=2))


def _path(setting: str) -> Path | None:
    return Path(setting) if setting else None


def _stop(number: int, frame: Any) -> NoReturn:
    raise SystemExit(128 + number)
