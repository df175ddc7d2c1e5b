"""`dermtriage bench model`: the benches of models with cases, batches, networks and device to choose."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dermtriage.bench.model.subjects import Size


def _batches(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted({int(size) for size in value.split(",")}))
    except ValueError:
        raise click.BadParameter("numbers separated by commas, such as 1,4,16") from None
    if sizes[0] < 1:
        raise click.BadParameter("a batch has at least one case")
    return sizes


@click.command("model")
@click.option(
    "--cases",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="Cases of one drawn photograph each.",
)
@click.option("--batches", default="1,4,8,16,32", show_default=True, callback=_batches, help="Batch sizes.")
@click.option(
    "--size",
    "sizes",
    default="",
    help="Networks: bundled, 50m, 7b, tiny, separated by commas.  [default: bundled,50m; with CUDA 7b too]",
)
@click.option("--model", "ref", default="", help="A model folder to measure instead.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
def command(cases: int, batches: tuple[int, ...], sizes: str, ref: str, device: str) -> None:
    """Cases a second of `assess`, beside the seed's way and transformers' own pipeline.

    All three use the same network, photographs, prompts, precision and threads, and write as many tokens.
    On a network of 7B parameters also the prefill's share of the device's matrix rate.
    """
    from dermtriage.bench.model.results import measure_all
    from dermtriage.bench.running import quiet, report

    quiet()
    for result in measure_all(_chosen(sizes, ref), ref, device, cases, batches):
        report(*result)


def _chosen(sizes: str, ref: str) -> "list[Size]":
    import torch

    from dermtriage.bench.model.subjects import SIZES

    if ref:
        return []
    names = sizes or ("bundled,50m,7b" if torch.cuda.is_available() else "bundled,50m")
    asked = [name.strip() for name in names.split(",")]
    if unknown := [name for name in asked if name not in SIZES]:
        raise click.BadParameter(f"no size {unknown[0]!r}; known: {', '.join(SIZES)}", param_hint="--size")
    return [size for size in SIZES if size in asked]
