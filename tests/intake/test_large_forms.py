"""Photographs of the size that telephones make are no hindrance; clinical information of such a size is."""

from PIL import Image

from tests.intake.conftest import PlatformClient
from tests.intake.pictures import encoded
from triage import example_clinical


def large_jpeg(seed: int) -> bytes:
    """Noise, which no JPEG makes small."""
    noise = Image.effect_noise((1600 + seed, 1200), 90).convert("RGB")
    return encoded(noise, "JPEG", quality=95)


def test_eight_large_photographs_are_accepted(clinic: PlatformClient) -> None:
    photographs = [large_jpeg(seed) for seed in range(8)]
    assert min(map(len, photographs)) > 1_000_000
    assert clinic.submit(images=photographs).status_code == 202


def test_clinical_information_longer_than_its_limit_is_refused(clinic: PlatformClient) -> None:
    answer = clinic.submit({**example_clinical(), "free_text": "x" * 64_000})
    assert answer.status_code == 413
    assert answer.json
    assert "64000 bytes" in answer.json["detail"]
