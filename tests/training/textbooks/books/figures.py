"""Figures as books set them: a picture, panels, a drawing; captions below, above, beside, facing."""

import random

from PIL import Image

from tests.training.textbooks.books import words
from tests.training.textbooks.books.drawn import MODALITIES, picture
from tests.training.textbooks.books.layout import Place, Sheet

GAP = 7.0


def one(sheet: Sheet, number: str, seed: int, captions: str | None = None) -> None:
    """A picture with its caption below, above or beside it."""
    captions, chance, style = captions or sheet.style.captions, sheet.chance, sheet.style
    modality = MODALITIES[seed % 3]
    said = words.caption(chance, modality)
    if captions == "beside":
        _beside(sheet, number, said, modality, seed)
        return
    wide = style.width * chance.choice([0.8, 1.0])
    high = wide * chance.choice([0.6, 0.75])
    markup = _markup(sheet, number, said)
    tall = sheet.height_of(markup, style.width, style.small)
    sheet.ensure(high + tall + GAP + 24)
    sheet.y += 12
    if captions == "above":
        sheet.text(markup, sheet.left, sheet.y, style.width, style.small)
        sheet.y += tall + GAP
    place = (sheet.left, sheet.y, sheet.left + wide, sheet.y + high)
    sheet.image(picture(modality, seed), place, jpeg=seed % 2 == 0)
    sheet.note(place, number, f"{_label(sheet, number)} {said}")
    sheet.y += high + GAP
    if captions == "below":
        sheet.text(markup, sheet.left, sheet.y, style.width, style.small)
        sheet.y += tall
    sheet.y += 14


def _beside(sheet: Sheet, number: str, said: str, modality: str, seed: int) -> None:
    style = sheet.style
    wide = style.width * 0.55
    high = wide * 0.75
    sheet.ensure(high + 30)
    sheet.y += 12
    on_left = seed % 2 == 0
    x = sheet.left if on_left else sheet.left + style.width - wide
    place = (x, sheet.y, x + wide, sheet.y + high)
    sheet.image(picture(modality, seed), place, jpeg=True)
    beside = sheet.left + wide + 10 if on_left else sheet.left
    sheet.text(_markup(sheet, number, said), beside, sheet.y, style.width - wide - 12, style.small)
    sheet.note(place, number, f"{_label(sheet, number)} {said}")
    sheet.y += high + 14


def panels(sheet: Sheet, number: str, seed: int, count: int, *, joined: bool = False) -> None:
    """Several pictures with "(a) ... (b) ..." in the caption; `joined`: one picture that holds them all."""
    chance, style = sheet.chance, sheet.style
    modality, across = MODALITIES[seed % 3], 2 if count != 3 else 3
    wide = (style.width - 8 * (across - 1)) / across
    high, rows = wide * 0.75, -(-count // across)
    letters = "abcdefgh"[:count]
    shared = words.caption(chance, modality).split(". ")[0].rstrip(".") + "."
    parts = {letter: words.part(chance) for letter in letters}
    marks = " ".join(f"{style.letters.format(letter)} {text}." for letter, text in parts.items())
    markup = _markup(sheet, number, f"{shared} {marks}")
    tall = sheet.height_of(markup, style.width, style.small)
    sheet.ensure(rows * (high + 8) + tall + GAP + 24)
    sheet.y += 12
    places: list[Place] = []
    for index in range(count):
        x = sheet.left + (index % across) * (wide + 8)
        y = sheet.y + (index // across) * (high + 8)
        places.append((x, y, x + wide, y + high))
    pictures = [picture(modality, 100 * seed + index) for index in range(count)]
    if joined:
        _as_one(sheet, pictures, places)
    else:
        for image, place in zip(pictures, places, strict=True):
            sheet.image(image, place, jpeg=chance.random() < 0.5)
    for letter, place in zip(letters, places, strict=True):
        sheet.note(place, number, f"{_label(sheet, number)} {shared} {parts[letter]}.", letter)
    sheet.y += rows * (high + 8) - 8 + GAP
    sheet.text(markup, sheet.left, sheet.y, style.width, style.small)
    sheet.y += tall + 14


def _as_one(sheet: Sheet, pictures: list[Image.Image], places: list[Place]) -> None:
    left, top = min(place[0] for place in places), min(place[1] for place in places)
    right, bottom = max(place[2] for place in places), max(place[3] for place in places)
    scale = 3
    whole = Image.new("RGB", (round((right - left) * scale), round((bottom - top) * scale)), "white")
    for image, (x0, y0, x1, y1) in zip(pictures, places, strict=True):
        size = (round((x1 - x0) * scale), round((y1 - y0) * scale))
        whole.paste(image.resize(size), (round((x0 - left) * scale), round((y0 - top) * scale)))
    sheet.image(whole, (left, top, right, bottom), jpeg=False)


def drawing(sheet: Sheet, number: str, seed: int) -> None:
    """A vector-drawn figure: layers of skin and a curve, with labels."""
    chance, style = random.Random(seed), sheet.style
    said = f"Schematic drawing. {words.sentence(chance)}"
    markup = _markup(sheet, number, said)
    wide, high = style.width * 0.8, 130.0
    tall = sheet.height_of(markup, style.width, style.small)
    sheet.ensure(high + tall + GAP + 24)
    sheet.y += 14
    place = (sheet.left, sheet.y, sheet.left + wide, sheet.y + high)
    canvas, bottom = sheet.canvas, style.size[1] - place[3]
    canvas.saveState()
    canvas.setLineWidth(1)
    canvas.rect(place[0], bottom, wide, high)
    for layer in range(1, 5):
        path = canvas.beginPath()
        path.moveTo(place[0] + 4, bottom + layer * high / 5)
        for step in range(1, 9):
            path.lineTo(
                place[0] + 4 + step * (wide - 8) / 8, bottom + layer * high / 5 + chance.uniform(-6, 6)
            )
        canvas.drawPath(path)
        canvas.setFont(style.font, 7)
        canvas.drawString(place[0] + 8, bottom + layer * high / 5 - 10, f"layer {layer}")
    for _ in range(6):
        canvas.circle(
            place[0] + chance.uniform(30, wide - 20), bottom + chance.uniform(20, high - 20), 6, fill=1
        )
    canvas.restoreState()
    sheet.note(place, number, f"{_label(sheet, number)} {said}")
    sheet.y += high + GAP
    sheet.text(markup, sheet.left, sheet.y, style.width, style.small)
    sheet.y += tall + 14


def plate(sheet: Sheet, number: str, seed: int) -> None:
    """A plate that fills a right page, its caption on the left page that faces it."""
    style = sheet.style
    sheet.end()
    sheet.begin()
    if sheet.page % 2:
        sheet.y += (
            sheet.text(words.paragraph(sheet.chance, []), sheet.left, sheet.y, style.width, style.body) + 10
        )
        sheet.end()
        sheet.begin()
    modality = MODALITIES[seed % 3]
    said = words.caption(sheet.chance, modality)
    sheet.y += (
        sheet.text(words.paragraph(sheet.chance, []), sheet.left, sheet.y, style.width, style.body) + 30
    )
    sheet.text(f"<b>Plate {number}</b>. {said}", sheet.left, sheet.y, style.width, style.small)
    sheet.end()
    place = (style.margin, style.margin, style.size[0] - style.margin, style.size[1] - 2 * style.margin)
    sheet.image(picture(modality, seed, (600, 900)), place, jpeg=True)
    sheet.note(place, number, f"Plate {number}. {said}")
    sheet.end()
    sheet.begin()


def _label(sheet: Sheet, number: str) -> str:
    return sheet.style.label.format(n=number) + sheet.style.stop.rstrip()


def _markup(sheet: Sheet, number: str, said: str) -> str:
    label = _label(sheet, number)
    return f"<b>{label}</b> {said}" if sheet.style.bold_label else f"{label} {said}"
