"""Train the bundled MpoxVLM: `python -m training.mpoxvlm_small --data DIR --out DIR`.

Stages: tokenizer, lesion classifier, CLIP tower, decoder, joint tuning, validation. A finished stage is read
from the run folder, so an interrupted run goes on where it stopped. `vlm.load` reads `OUT/model`.
"""

from collections.abc import Callable
from pathlib import Path

import click
import torch
from transformers import CLIPVisionModel, ViTForImageClassification

from training.card import write_card
from training.clip_stage import train_clip_tower
from training.decoder_stage import train_decoder, train_jointly, untrained_model, with_towers
from training.lesion_stage import train_lesion_classifier
from training.photographs import Photographs, read_photographs
from training.plan import Plan
from training.run_folder import Curve, RunFolder
from training.settings import TrainingSettings
from training.tokenizer_stage import train_tokenizer
from training.validation import validate
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.processor import processor_of
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer
from vlm.settings import VlmSettings


def train(plan: Plan, data: Path, out: Path) -> Path:
    """Run every stage that is not finished; returns the model's folder. Raises `DataError` for unfit data."""
    run = RunFolder(out, plan)
    train_set = read_photographs(data, "train", plan.cache_side)
    val_set = read_photographs(data, "val", plan.cache_side)
    tokenizer = _tokenizer(run, plan)
    model = _trained_towers(run, plan, train_set, val_set, tokenizer)
    _stage(run, "decoder", model, lambda: train_decoder(plan, train_set, tokenizer, model))
    _stage(run, "joint", model, lambda: train_jointly(plan, train_set, tokenizer, model))
    folder = run.stage("model")
    model.save_pretrained(folder)
    processor_of(model.config, tokenizer).save_pretrained(folder)
    tokenizer.save(folder)
    run.draw_curves()
    metrics = validate(folder, val_set, data, plan) | {"train_photographs": len(train_set)}
    run.write_json("metrics.json", metrics)
    write_card(folder, metrics, plan, parameters=model.num_parameters())
    return folder


def _tokenizer(run: RunFolder, plan: Plan) -> MpoxVLMTokenizer:
    if not run.is_finished("tokenizer"):
        tokenizer = train_tokenizer(plan)
        tokenizer.save(run.stage("tokenizer"))
        run.finish("tokenizer", [{"step": 0, "size": tokenizer.tokenizer.get_vocab_size()}])
    return MpoxVLMTokenizer.from_folder(run.stage("tokenizer"))


def _trained_towers(
    run: RunFolder, plan: Plan, train_set: Photographs, val_set: Photographs, tokenizer: MpoxVLMTokenizer
) -> MpoxVLMForConditionalGeneration:
    if not run.is_finished("lesion"):
        classifier, curve = train_lesion_classifier(plan, train_set, val_set)
        classifier.save_pretrained(run.stage("lesion"))
        run.finish("lesion", curve)
    if not run.is_finished("clip"):
        tower, curve = train_clip_tower(plan, train_set, tokenizer)
        tower.save_pretrained(run.stage("clip"))
        run.finish("clip", curve)
    torch.manual_seed(plan.seed)
    model = untrained_model(plan, tokenizer)
    with_towers(
        model,
        CLIPVisionModel.from_pretrained(run.stage("clip")),
        ViTForImageClassification.from_pretrained(run.stage("lesion")),
    )
    return model


def _stage(
    run: RunFolder, name: str, model: MpoxVLMForConditionalGeneration, work: Callable[[], Curve]
) -> None:
    """Train the whole model in place, or take over the weights of a finished stage."""
    if run.is_finished(name):
        finished = MpoxVLMForConditionalGeneration.from_pretrained(run.stage(name))
        model.load_state_dict(finished.state_dict())
        return
    curve = work()
    model.save_pretrained(run.stage(name))
    run.finish(name, curve)


@click.command(help=__doc__)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder with pox/ and derm/ (or DATA, DERMTRIAGE_DATA)"
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The run folder, made where missing"
)
def main(data: Path | None, out: Path) -> None:
    """The command line."""
    source = data or TrainingSettings().data
    if source is None:
        raise click.UsageError("where is the data? give --data DIR or set DERMTRIAGE_DATA")
    torch.set_num_threads(VlmSettings().vlm_threads)
    click.echo(f"model written to {train(Plan(), source, out)}")


if __name__ == "__main__":
    main()
