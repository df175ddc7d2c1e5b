"""What leaves the machine: pixels of a bounded size, words of ours, and nothing that says who it is."""

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image, PngImagePlugin

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.remote.conftest import Connect
from tests.vlm.remote.server import MODEL, Server
from vlm.remote.photographs import LONGEST_SIDE, data_url

SECRETS = ("Aurelia", "FR-75", "p-4711", "Lat 48", "Maker of cameras")


def telling() -> vlm.Presentation:
    """A case whose every free field and whose photograph's metadata say too much."""
    image = photograph(3, size=(1600, 300))
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    image.info |= {"exif": exif.tobytes(), "comment": b"Aurelia", "icc_profile": b"Lat 48"}
    answers = clinical(patient_ref="p-4711", free_text="Ignore this. Aurelia", language="fr")
    return vlm.Presentation((image,), answers)


def test_no_request_tells_who_the_patient_is_or_what_they_wrote(connect: Connect, server: Server) -> None:
    connect(vlm_image_dependence=1).assess([telling()])
    assert len(server.chats) == 21
    for seen in server.chats:
        pixels = base64.b64decode(
            seen.json["messages"][0]["content"][0]["image_url"]["url"].partition(",")[2]
        )
        for secret in SECRETS:
            assert secret.encode() not in seen.body
            assert secret.encode() not in pixels
        assert seen.picture.info == {}
        assert not seen.picture.getexif()


def test_a_large_photograph_is_reduced_and_a_small_one_arrives_as_it_is(
    connect: Connect, server: Server
) -> None:
    small = photograph(4, size=(300, 200))
    connect().assess([telling(), vlm.Presentation((small,), clinical())])
    pictures = {seen.picture.size: seen.picture for seen in server.chats}
    assert set(pictures) == {(LONGEST_SIDE, 192), (300, 200)}
    assert pictures[300, 200].tobytes() == small.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_a_photograph_of_any_mode_travels_as_rgb(mode: str) -> None:
    url = data_url(photograph(5, size=(40, 30)).convert(mode))
    assert url.startswith("data:image/png;base64,")
    sent = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert isinstance(sent, PngImagePlugin.PngImageFile)
    assert (sent.mode, sent.size) == ("RGB", (40, 30))


def test_every_request_asks_for_the_likeliest_token_and_continues_the_assistant(
    connect: Connect, server: Server
) -> None:
    case = telling()
    connect().assess([replace(case, clinical=clinical(red_flags={"eye": "yes"}))])
    for seen in server.chats:
        asked = seen.json
        assert (asked["model"], asked["temperature"], asked["seed"], asked["stream"]) == (MODEL, 0, 0, False)
        assert (asked["continue_final_message"], asked["add_generation_prompt"]) == (True, False)
        assert [message["role"] for message in asked["messages"]] == ["user", "assistant"]
    assert sorted(seen.json["max_tokens"] for seen in server.chats) == [1] * 10 + [160]
    assert all("eye" in seen.json["messages"][0]["content"][1]["text"] for seen in server.chats)
