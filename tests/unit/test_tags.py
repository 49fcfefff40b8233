"""Which language fits a wish."""

from __future__ import annotations

import pytest

from jndlab.languages.tags import LANGUAGES, language_for


@pytest.mark.parametrize(
    ("wishes", "tag"),
    [
        ([], "en"),
        ([""], "en"),
        (["de"], "de"),
        (["de-CH"], "de"),
        (["DE"], "de"),
        (["nl", "fr-CA", "de"], "fr"),
        (["pt-BR"], "en"),
        (["", "es-419"], "es"),
        (["ja-JP"], "ja"),
        (["zh"], "zh-Hans"),
        (["zh-CN"], "zh-Hans"),
        (["zh-Hans-HK"], "zh-Hans"),
        (["zh-TW"], "zh-Hant"),
        (["zh-hk"], "zh-Hant"),
        (["zh-Hant"], "zh-Hant"),
        (["zh_Hant"], "zh-Hant"),
        (["*"], "en"),
        (["<script>"], "en"),
    ],
)
def test_the_first_wish_that_can_be_met_counts(wishes: list[str], tag: str) -> None:
    assert language_for(wishes).tag == tag


def test_languages_are_filed_as_gettext_does() -> None:
    assert LANGUAGES["zh-Hant"].folder == "zh_Hant"
    assert all(language.tag == tag for tag, language in LANGUAGES.items())
