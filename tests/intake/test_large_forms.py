"""A form is read in pieces of 64 KiB: photographs may be longer than that, clinical information not."""

from PIL import Image

from tests.intake.conftest import PlatformClient
from tests.intake.pictures import encoded
from triage import example_clinical


def large_jpeg(seed: int) -> bytes:
    """Noise, which no JPEG makes small."""
    noise = Image.effect_noise((400 + seed, 300), 90).convert("RGB")
    return encoded(noise, "JPEG", quality=90)


def test_photographs_longer_than_one_read_of_the_parser_are_accepted(clinic: PlatformClient) -> None:
    photographs = [large_jpeg(seed) for seed in range(3)]
    assert sum(map(len, photographs)) > 2 * 65_536
    assert clinic.submit(images=photographs).status_code == 202


def test_clinical_information_longer_than_its_limit_is_refused(clinic: PlatformClient) -> None:
    answer = clinic.submit({**example_clinical(), "free_text": "x" * 64_000})
    assert answer.status_code == 413
    assert answer.json
    assert "64000 bytes" in answer.json["detail"]
