"""Who chose French reads French on every page; what stays English is marked for screen readers."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from db.counts import iso_week
from db.ids import now
from db.models import Case, Clinician, Notice, SurveillanceCount
from tests.review.conftest import add_reader, token_for
from tests.review.test_pages import Browser
from triage import example_clinical
from web.access import SESSION_COOKIE
from web.catalogue import catalogue_of

# What is read aloud and not between tags.
SPOKEN = re.compile(r'(?:aria-label|title|alt|placeholder|data-label|data-week)="([^"]*)"')
ENGLISH = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', re.DOTALL)
UNSEEN = re.compile(r"<(script|style|code)\b.*?</\1>", re.DOTALL)
# Words of the pages' English that are no words of French: they find what nobody marked for translation.
TELLING = re.compile(
    r"\b(the|this|that|with|your|you|was|were|is|are|of|and|not|has|by|from|cases|yes)\b", re.I
)


def read_of(page: str) -> str:
    """What a person sees and hears of a page, but for the parts that are marked as English."""
    page = UNSEEN.sub(" ", ENGLISH.sub(" ", page))
    spoken = " | ".join(SPOKEN.findall(page))
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " | ", page) + " | " + spoken))


def english_of_the_catalogue() -> Iterator[str]:
    """The longest part without values of each English text that differs from the French."""
    for message in catalogue_of("fr"):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        if message.id and message.string not in (message.id, ids):
            yield from (max(re.split(r"%\(\w+\)s|%%", text), key=len).strip() for text in ids)


TEXTS = sorted({text for text in english_of_the_catalogue() if len(text) > 12})


def assert_french(page: str, heading: str) -> None:
    seen = read_of(page)
    assert '<html lang="fr">' in page
    assert heading in re.sub(r"\s+", " ", seen.replace("\u00a0", " "))
    left = [text for text in TEXTS if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", seen)]
    assert left == [], f"English on the page: {left}"
    assert not TELLING.search(seen), f"English on the page: …{TELLING.search(seen)}"


@pytest.fixture
def signed_in(app: Flask, session: Session) -> Callable[[str], Browser]:
    """A browser of a person with this role who reads French."""

    def open_browser(role: str) -> Browser:
        person = add_reader(session, f"{role[:3]}@example.org", role=role, locale="fr", name="Anne Martin")
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token_for(session, person))
        return Browser(client)

    return open_browser


@pytest.mark.parametrize(
    ("role", "address", "heading"),
    [
        ("clinician", "/review/", "File de lecture"),
        ("clinician", "/review/notices", "Avis"),
        ("clinician", "/review/me", "Langue des pages"),
        ("clinician", "/review/me/second-factor", "Configurer le second facteur"),
        ("senior", "/review/figures", "Indicateurs"),
        ("administrator", "/review/people", "Personnes"),
        ("administrator", "/review/people/new", "Ajouter une personne"),
        ("administrator", "/review/known-cases", "Cas témoins"),
        ("administrator", "/review/notices", "Avis"),
        ("auditor", "/review/trail", "Piste d’audit"),
        ("analyst", "/surveillance/", "Surveillance"),
    ],
)
def test_each_page_is_french(
    signed_in: Callable[[str], Browser], waiting: Callable[..., Case], role: str, address: str, heading: str
) -> None:
    waiting(flags=["models_disagree", "red_flag"])
    assert_french(signed_in(role).open(address), heading)


def test_a_case_is_french_from_the_queue_to_its_correction(
    signed_in: Callable[[str], Browser], waiting: Callable[..., Case], session: Session, reader: Clinician
) -> None:
    clinical = example_clinical("eye")
    clinical["lesions"] = {"count": "25-99", "sites": ["hand", "other"], "diameter_1_mm": 6}
    clinical["symptoms"] = {"fever": {"present": "yes", "onset_days_ago": 3}, "rash": {"present": "no"}}
    case = waiting(
        clinical=clinical, reasons=[{"rule": "red_flag.eye", "text": "Red flag: the eye is affected."}]
    )
    raise_overdue(session, case)
    browser = signed_in("clinician")
    assert_french(browser.open("/review/"), "Retards et autres avis")

    address = browser.claim()
    page = browser.open(address)
    assert_french(page, "Suspicion de mpox" if "Suspicion de mpox" in page else "suspicion de mpox")
    assert "oui, début il y a 3 jours" in page
    assert "autre, main" in page or "main, autre" in page
    assert '<span lang="en">Red flag: the eye is affected.</span>' in page
    assert '<p class="explanation" lang="en">' in page
    assert_french(browser.open(f"{address}/hand-over"), "Transmettre le cas")

    browser.open(address)
    status, page = browser.send(f"{address}/decide", verdict="override", level="routine")
    assert status == 422
    assert_french(page, "Motif : Dites pourquoi en quelques mots")
    browser.open(address)
    _, page = browser.send(f"{address}/decide", verdict="confirm")
    assert_french(page, "Enregistré : vous êtes d’accord avec le résultat de l’IA.")
    assert_french(browser.open(address), "Vous avez décidé ce cas")


def test_a_trend_is_french(signed_in: Callable[[str], Browser], session: Session) -> None:
    week = iso_week(now())
    for condition, count in (("mpox", 3), ("measles", 40)):
        session.add(
            SurveillanceCount(week=week, region="FR-75", condition=condition, status="suspected", count=count)
        )
    session.commit()
    page = signed_in("analyst").open("/surveillance/?region=FR-75")
    assert_french(page, "FR-75 : cas par semaine de réception (suspecté)")
    assert "rougeole" in page


def test_refusals_are_french_on_pages_and_english_for_programs(
    signed_in: Callable[[str], Browser], app: Flask
) -> None:
    browser = signed_in("clinician")
    assert_french(browser.client.get("/review/people").text, "Ceci n’est pas ouvert à votre rôle.")
    missing = "/review/cases/00000000-0000-0000-0000-000000000000"
    assert_french(browser.client.get(missing).text, "Aucune lecture ne vous est accessible")
    nowhere = browser.client.get("/review/nowhere", headers={"Accept-Language": "fr"}).text
    assert_french(nowhere, "Vérifiez l’adresse.")
    assert_french(browser.client.get("/review/figures?weeks=0").text, "Veuillez corriger : weeks")
    answer = app.test_client().post(
        "/v1/sessions", json={"email": "a@b.c", "password": "wrong"}, headers={"Accept-Language": "fr"}
    )
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["detail"].startswith("E-mail address or password is wrong.")


def test_before_anybody_signs_in_the_browser_says_which_language(app: Flask) -> None:
    page = app.test_client().get("/review/sign-in", headers={"Accept-Language": "fr-FR,fr;q=0.9"}).text
    assert_french(page, "Se connecter")


def test_this_test_finds_english() -> None:
    with pytest.raises(AssertionError, match="Back to the queue"):
        assert_french('<html lang="fr"><h1>Cas</h1><p>Back to the queue</p>', "Cas")
    with pytest.raises(AssertionError, match="English"):
        assert_french('<html lang="fr"><h1>Cas</h1><button title="Look at this">', "Cas")


def raise_overdue(session: Session, case: Case) -> None:
    """The case is late, and clinicians are told."""
    case.due_at = now() - timedelta(hours=2)
    session.add(Notice(kind="overdue", stage=1, role="clinician", case_id=case.id, subject="", detail=""))
    session.commit()
