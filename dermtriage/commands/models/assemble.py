"""`dermtriage models assemble`."""

from pathlib import Path

import click

# A name of a model on a hub is no path: the room says so with the remedy.
FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--clip", type=FOLDER, required=True, help="CLIP: the whole model or its vision tower.")
@click.option("--lesion", type=FOLDER, required=True, help="A ViT classifier, or a pre-trained ViTMAE.")
@click.option("--llama", type=FOLDER, required=True, help="A Llama with its tokenizer.")
@click.option("--out", type=FOLDER, required=True, help="The folder to write; it must not exist.")
@click.option("--patch-pooling", type=click.IntRange(1), default=1, show_default=True,
              help="So many patches on each side become one image token.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Draws what is new.")
@click.option("--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32",
              show_default=True, help="float32 keeps every part to the bit; 7B take 29 GB.")  # fmt: skip
def command(
    clip: Path, lesion: Path, llama: Path, out: Path, patch_pooling: int, seed: int, dtype: str
) -> None:
    """Put an MpoxVLM together from parts on disk, ready to be trained. Nothing is fetched.

    The projectors between the parts are new and random: before training its answers mean nothing.
    """
    import torch

    from vlm.errors import ModelError
    from vlm.mpoxvlm.assemble import assemble

    try:
        network = assemble(
            clip, lesion, llama, out, patch_pooling=patch_pooling, seed=seed, dtype=getattr(torch, dtype)
        )
    except ModelError as error:
        raise click.ClickException(str(error)) from error
    count = sum(parameter.numel() for parameter in network.parameters())
    click.echo(f"{out}: {count:,} parameters, {network.config.image_seq_length} image tokens; train it next")
