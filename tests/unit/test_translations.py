"""Every text that a participant can read is in every language: none missing, empty or unused."""

from __future__ import annotations

import inspect
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from jndlab import errors
from jndlab.languages.catalogue import FOLDER, TEMPLATE, placeholders, po_path
from jndlab.languages.tags import LANGUAGES, SOURCE, Language
from jndlab.web.page_texts import ERRORS, PLURALS, TEXTS

ROOT = Path(__file__).parents[2]
TRANSLATED = [language for language in LANGUAGES.values() if language != SOURCE]
UPDATE = "\nRun tools/update-catalogues, then translate what is empty."

TEMPLATES = sorted((ROOT / "templates" / "participant").rglob("*.html"))
SCRIPTS = sorted(
    path for path in (ROOT / "static" / "js").glob("*.js") if path.name != "copy.js"
)  # copy.js belongs to the experimenter's pages


def load_tool() -> ModuleType:
    loader = SourceFileLoader("update_catalogues", str(ROOT / "tools" / "update-catalogues"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def read(language: Language) -> Catalog:
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language.folder)


def forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_template_holds_exactly_the_texts_of_pages_and_modules() -> None:
    tool = load_tool()
    extracted = tool.as_text(tool.extract()).decode()
    assert extracted == TEMPLATE.read_text(encoding="utf-8"), UPDATE


def test_there_is_a_catalogue_for_every_language_and_no_other() -> None:
    found = {path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/*.po")}
    assert found == {language.folder for language in TRANSLATED}


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda language: language.tag)
class TestCatalogue:
    def test_it_has_every_text_and_no_text_too_many(self, language: Language) -> None:
        with TEMPLATE.open("rb") as file:
            wanted = {message.id for message in entries(read_po(file))}
        catalogue = read(language)
        assert {message.id for message in entries(catalogue)} == wanted, UPDATE
        assert not catalogue.obsolete, UPDATE

    def test_no_translation_is_empty_or_doubtful(self, language: Language) -> None:
        for message in entries(read(language)):
            assert all(form.strip() for form in forms(message.string)), f"{message.id!r}{UPDATE}"
            assert not message.fuzzy, f"{message.id!r} was changed: check its translation"

    def test_placeholders_are_those_of_the_english_text(self, language: Language) -> None:
        for message in entries(read(language)):
            wanted = placeholders(forms(message.id)[-1])
            for form in forms(message.string):
                assert placeholders(form) == wanted, f"{message.id!r}: {form!r}"
                form % dict.fromkeys(wanted, "")  # a lone percent sign would raise

    def test_it_has_all_its_plural_forms(self, language: Language) -> None:
        catalogue = read(language)
        for message in entries(catalogue):
            if message.pluralizable:
                assert len(forms(message.string)) == catalogue.num_plurals, message.id

    def test_nothing_was_left_in_english(self, language: Language) -> None:
        for message in entries(read(language)):
            if len(forms(message.id)[0].split()) > 2:
                assert message.string != message.id, f"{message.id!r} is not translated"

    def test_ends_like_the_english_text(self, language: Language) -> None:
        for message in entries(read(language)):
            for form in forms(message.string):
                assert form == form.strip()
                assert "<" not in form, "markup belongs into the template"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_anything_outside_the_catalogues(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    page = re.sub(r"{#.*?#}|<!--.*?-->", "", page, flags=re.S)
    page = re.sub(r"{%-?\s*trans\b.*?endtrans\s*-?%}", "", page, flags=re.S)
    page = re.sub(r"{%.*?%}|{{.*?}}", "", page, flags=re.S)
    for attribute, value in re.findall(
        r"\b(aria-label|aria-description|aria-valuetext|title|placeholder|alt)=\"([^\"]*)\"", page
    ):
        assert not re.search(r"\w", value), f"{attribute}={value!r}"
    page = re.sub(r"<[^>]*>", " ", page)
    words = re.findall(r"[^\W\d_]+", page)
    assert words == [], "wrap these words in {% trans %}"


def test_every_key_that_a_script_asks_for_has_a_text_and_every_text_is_asked_for() -> None:
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    known = set(TEXTS) | set(PLURALS)
    assert set(re.findall(r"\btext\(\s*\"([^\"]+)\"", scripts)) <= known
    assert {key for key in known if f'"{key}"' not in scripts} == set(), "no script asks for these"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_holds_a_sentence(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    script = re.sub(r"/\*.*?\*/|(?<![:\"])//[^\n]*", "", script, flags=re.S)
    for line in script.splitlines():
        # Messages of exceptions are for the log; the page explains an error by its code.
        if re.search(r"\b(?:Error\(|message[:=]|remedy[:=]|const message\b)", line):
            continue
        found = re.search(r"[\"`][A-Z][a-z]+ [^\"`]*[\"`]", line)
        assert found is None or "${" in found[0], f"{found and found[0]}: use text(key)"


def test_every_error_that_a_participant_can_meet_is_explained() -> None:
    codes = {
        kind.code
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.SessionError)
    }
    # A request that has not the documented shape is a mistake of the page: "unknown" covers it.
    assert codes - {"session-error", "request-invalid"} <= set(ERRORS)
    assert "unknown" in ERRORS
