"""Every text of the pages has its translation, and what the application reads is what people wrote."""

import gettext
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.catalog import Message

from web.access import LOCALES
from web.catalogue import LANGUAGES, TRANSLATIONS, catalogue_of, gathered
from web.grants import GRANTED

REMEDY = "run: python -m web.catalogue, then translate what is empty in messages.po, and run it again"


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue_of(language) if message.id)


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_the_languages_offered_are_those_with_a_catalogue() -> None:
    assert set(LOCALES) == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_the_texts_of_the_code_and_no_others(language: str) -> None:
    said = {(message.context, message.id) for message in messages(language)}
    assert said == {(message.context, message.id) for message in gathered() if message.id}, REMEDY
    assert len(said) > len(GRANTED), "pages without texts: the gathering is broken"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [message.id for message in messages(language) if not all(strings(message))] == [], REMEDY
    assert [message.id for message in messages(language) if message.fuzzy] == [], REMEDY


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_values(language: str) -> None:
    def values(text: str) -> set[str]:
        percent = {part.partition(")")[0] for part in text.split("%(")[1:]}
        return percent | {name for _, name, _, _ in Formatter().parse(text.replace("%(", "")) if name}

    for message in messages(language):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        named = set().union(*map(values, ids))
        assert all(values(text) <= named and values(text) >= values(ids[0]) for text in strings(message)), ids


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_is_what_was_written(language: str) -> None:
    read = gettext.translation("messages", TRANSLATIONS, [language])
    for message in messages(language):
        if isinstance(message.id, str):
            said = read.pgettext(message.context, message.id) if message.context else read.gettext(message.id)
            assert said == message.string, REMEDY
