"""transformers' own pipeline runs the shipped model with the shipped processor."""

from collections.abc import Iterator
from typing import Any

import torch
from transformers import pipeline

from dermtriage.bench.model.subjects import from_folder
from tests.vlm.drawn import clinical, photograph
from vlm.loading import BUNDLED
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.backend import MpoxVLMBackend
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.processor import MpoxVLMProcessor, processor_of
from vlm.mpoxvlm.prompt import prompt

CASES = [
    clinical(),
    clinical(symptoms={"fever": {"present": "yes"}}, red_flags={"eye": "yes"}),
    clinical(lesions={"sites": ["palm", "sole"], "grew": "yes"}, sex="female"),
]
LENGTHS = {"max_new_tokens": 24, "do_sample": False}


def asked() -> Iterator[dict[str, Any]]:
    """An iterator, because a list of these would be taken for a chat."""
    for number, case in enumerate(CASES):
        yield {"images": photograph(number), "text": f"<image>{prompt(case).text}"}


@torch.inference_mode()
def generated(backend: MpoxVLMBackend) -> list[str]:
    """What the network writes for each case alone, from the product's own rows."""
    written = []
    for number, case in enumerate(CASES):
        (row,) = backend.rows([photograph(number)], case)
        ids = torch.tensor([row.ids])
        found = backend.network.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), **row.pictures, **LENGTHS
        )
        written.append(backend.vocabulary.decode(found[0, len(row.ids) :].tolist()))
    return written


def test_the_pipeline_writes_batched_what_generate_writes_alone(
    backend: MpoxVLMBackend, processor: MpoxVLMProcessor
) -> None:
    pipe = pipeline("image-text-to-text", model=backend.network, processor=processor)
    answered = pipe(asked(), batch_size=3, return_full_text=False, generate_kwargs=LENGTHS)
    texts = [one[0]["generated_text"] for one in answered]
    assert texts == generated(backend)
    assert all(texts)


def test_the_bench_measures_with_the_pixels_of_the_product(backend: MpoxVLMBackend) -> None:
    measured = from_folder("bundled", BUNDLED, "cpu")
    assert isinstance(measured.processor, MpoxVLMProcessor)
    image = photograph(3, (1025, 403))
    made = measured.processor(images=image, text="<image>Findings:", return_tensors="pt")
    (row,) = backend.rows([image], CASES[0])
    assert torch.equal(made["pixel_values"], row.pictures["pixel_values"])


@torch.inference_mode()
def test_towers_of_two_sizes_each_get_their_pixels_through_the_pipeline(backend: MpoxVLMBackend) -> None:
    told = backend.network.config.to_dict()
    told["lesion_config"]["image_size"] = 72
    torch.manual_seed(0)
    network = MpoxVLMForConditionalGeneration(MpoxVLMConfig(**told)).eval()
    processor = processor_of(network.config, backend.vocabulary, lesion_image_mean=[0.5] * 3)
    pipe = pipeline("image-text-to-text", model=network, processor=processor)
    answered = pipe(asked(), batch_size=3, return_full_text=False, generate_kwargs=LENGTHS)
    for one, case in zip(answered, asked(), strict=True):
        read = processor(**case, return_tensors="pt")
        assert read["lesion_pixel_values"].shape == (1, 3, 72, 72)
        alone = network.generate(**read, **LENGTHS)[0, read["input_ids"].shape[1] :]
        assert one[0]["generated_text"] == processor.decode(alone, skip_special_tokens=True)
