"""`make screenshots`: every page as a picture in docs/images, of invented cases and drawn photographs alone.

Starts PostgreSQL and the application for itself, opens the pages in a browser, and ends everything.
"""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from PIL import Image as Pillow
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from db.migrate import upgrade
from db.session import make_engine
from dermtriage.app import create_app
from dermtriage.local.postgres import temporary_postgres
from dermtriage.settings import load_settings
from tests.browser.conftest import sign_in
from tests.browser.pages import SHOTS, Shot
from tests.browser.scenes import People, fill
from tests.browser.serving import launched, served
from web.services import EXTENSION

FOLDER = Path(__file__).parents[2] / "docs" / "images"
LARGEST_BYTES = 150_000


def main() -> None:
    """Write all pictures; those of pages that are gone are removed."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with _application() as (app, people), served(app) as address, sync_playwright() as playwright:
        browser = launched(playwright)
        for shot in SHOTS:
            picture = _taken(browser, address, people, shot)
            (FOLDER / f"{shot.name}.png").write_bytes(picture)
            print(f"{shot.name:32} {len(picture) / 1000:6.0f} kB")
            assert len(picture) <= LARGEST_BYTES, f"{shot.name} is too large"
        browser.close()


@contextmanager
def _application() -> Iterator[tuple[Flask, People]]:
    with temporary_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        required = {"DATABASE_URL": postgres.url, "IMAGE_STORE_URL": Path(folder).as_uri()}
        os.environ.update(required, SECRET_KEY="of the screenshots")
        upgrade(postgres.url)
        app = create_app(load_settings())
        engine = make_engine(postgres.url)
        with Session(engine, expire_on_commit=False) as session:
            people = fill(session, app.extensions[EXTENSION].images)
        yield app, people
        engine.dispose()
        app.extensions[EXTENSION].sessions.kw["bind"].dispose()


def _taken(browser: Browser, address: str, people: People, shot: Shot) -> bytes:
    context = browser.new_context(
        base_url=address,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.colours,
        reduced_motion="reduce",
    )
    page = context.new_page()
    try:
        if shot.person:
            sign_in(page, getattr(people, shot.person), arrives=False)
        shot.steps(page)
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)
        return _small(page.screenshot(full_page=shot.whole))
    finally:
        context.close()


def _small(png: bytes) -> bytes:
    out = io.BytesIO()
    with Pillow.open(io.BytesIO(png)) as picture:
        # A palette is enough for drawn pages, and the files are a fraction as large.
        few = picture.convert("RGB").quantize(method=Pillow.Quantize.MAXCOVERAGE, dither=Pillow.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
