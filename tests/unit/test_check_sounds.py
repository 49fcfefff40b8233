"""Every kind of check has its sound, and neither size nor name tells the right answer."""

from __future__ import annotations

from typing import get_args

import pytest

from jndlab.audio.check_sounds import check_sound, draw_answer, marked_intervals
from jndlab.audio.pcm import encode_wav, quantise
from jndlab.study.checks import ANSWERS, PRESETS, CheckKind

KINDS: tuple[CheckKind, ...] = get_args(CheckKind)
WITH_SOUND = [kind for kind in KINDS if kind != "level"]


@pytest.mark.parametrize("kind", WITH_SOUND)
def test_the_file_has_one_size_and_one_head_whatever_the_answer(kind: CheckKind) -> None:
    answers = [answer for answer in ANSWERS[kind] if not (kind == "sound" and answer in "16")]
    wavs = [
        encode_wav(quantise(check_sound(PRESETS[kind], answer, seed, 48_000)), 48_000)
        for answer in answers
        for seed in (1, 2)
    ]
    assert len({len(wav) for wav in wavs}) == 1
    assert len({wav[:44] for wav in wavs}) == 1


@pytest.mark.parametrize("kind", WITH_SOUND)
def test_the_sound_is_made_again_the_same(kind: CheckKind) -> None:
    answer = draw_answer(kind)
    first, second = (check_sound(PRESETS[kind], answer, 9, 48_000) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("kind", WITH_SOUND)
def test_every_answer_comes_up_and_no_other(kind: CheckKind) -> None:
    drawn = {draw_answer(kind) for _ in range(400)}
    assert drawn == ({"2", "3", "4", "5"} if kind == "sound" else set(ANSWERS[kind]))


def test_the_level_check_plays_the_studys_own_speech() -> None:
    assert draw_answer("level") == ""
    with pytest.raises(ValueError, match="level"):
        check_sound(PRESETS["level"], "", 1, 48_000)


def test_three_intervals_are_marked_and_lie_within_the_sound() -> None:
    for kind in WITH_SOUND:
        marks = marked_intervals(kind)
        assert len(marks) in (0, 3)
        if marks:
            seconds = len(check_sound(PRESETS[kind], "1", 1, 48_000)) / 48_000
            assert all(0 <= start < end <= seconds for start, end in marks)
