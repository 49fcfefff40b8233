"""One pair: both sounds and their difference, seen and heard, with figures against limits."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jndlab.audio.checking import CheckedPair
from jndlab.audio.pair_figures import PairFigures, measure_pair
from jndlab.audio.pair_pictures import (
    PALETTE,
    RANGE_DB,
    enlargement,
    picture,
    spectrogram,
    waveform,
)
from jndlab.audio.pcm import encode_wav, quantise
from jndlab.audio.reading import Clip, Samples
from jndlab.errors import AudioError, StudyUnknown
from jndlab.studies.gate import MAX_REASON
from jndlab.studies.gate_record import GateFinding, GateRecord
from jndlab.studies.pair_sounds import PairSounds, load_pair
from jndlab.web.access import needs, the_study
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.gate import Place, findings_by_pair, gate_state, place_of
from jndlab.web.experimenter.pair_rows import figure_rows

MAX_AGE_S = 24 * 3600
"""What is fetched under the digest of its sounds never changes."""
PEAK = 0.9
MAX_GAIN_DB = 80.0


@blueprint.get("/studies/<slug>/gate/<condition>/<level>/<item>")
@needs("view")
def pair(slug: str, condition: str, level: str, item: str) -> ResponseReturnValue:
    """Everything about one pair."""
    place = (item, condition, _number(level))
    problem = None
    with store().read() as db:
        state = gate_state(db, the_study().study_id)
        try:
            sounds = _load(db, condition, level, item)
        except AudioError as error:
            sounds, problem = None, error
    record = state.record
    figures = _figures(sounds)
    return render_template(
        "experimenter/pair.html",
        item=item,
        condition=condition,
        level=place[2],
        gate=state,
        sounds=sounds,
        problem=problem,
        figures=figures,
        rows=figure_rows(figures, sounds.baseline.rate_hz, sounds.limits)
        if figures and sounds
        else [],
        findings=findings_by_pair(record).get(place, []) if record else [],
        siblings=_siblings(record, place) if record else [],
        steps=_steps(record, place) if record else {},
        max_reason=MAX_REASON,
    )


@blueprint.get("/studies/<slug>/gate/<condition>/<level>/<item>/figures.json")
@needs("view")
def pair_figures(slug: str, condition: str, level: str, item: str) -> Response:
    """What the page draws: waveforms and spectrograms of both sounds and of their difference."""
    with store().read() as db:
        sounds = _load(db, condition, level, item)
    parts = _parts(sounds)
    rate_hz = sounds.baseline.rate_hz
    spectra = {name: spectrogram(samples, rate_hz) for name, samples in parts.items()}
    top_db = max(float(levels.max()) for levels in spectra.values())
    beside = parts["baseline"]
    document = {
        "seconds": max(len(samples) for samples in parts.values()) / rate_hz,
        "top_hz": rate_hz / 2,
        "top_db": round(top_db),
        "range_db": RANGE_DB,
        "palette": PALETTE,
        "parts": {
            name: {
                "seconds": len(samples) / rate_hz,
                "waveform": _waveform(name, samples, beside),
                "spectrogram": _data_url(picture(spectra[name], top_db=top_db)),
                "url": url_for(
                    "experimenter.pair_sound",
                    slug=slug,
                    condition=condition,
                    level=level,
                    item=item,
                    which=name,
                    v=sounds.digest[:16],
                ),
                "gain_db": _gain_db(samples, beside) if name == "difference" else 0.0,
            }
            for name, samples in parts.items()
        },
    }
    return _kept(jsonify(document), sounds)


@blueprint.get("/studies/<slug>/gate/<condition>/<level>/<item>/<which>.wav")
@needs("view")
def pair_sound(slug: str, condition: str, level: str, item: str, which: str) -> Response:
    """One of the two sounds, or their difference, as 24-bit WAV."""
    with store().read() as db:
        sounds = _load(db, condition, level, item)
    samples = _parts(sounds).get(which)
    if samples is None:
        raise StudyUnknown("There is no such sound.", "Ask for baseline, compressed or difference.")
    rate_hz = (sounds.compressed if which == "compressed" else sounds.baseline).rate_hz
    wav = encode_wav(quantise(samples), rate_hz)
    return _kept(Response(wav, mimetype="audio/wav"), sounds)


def _load(db: Session, condition: str, level: str, item: str) -> PairSounds:
    return load_pair(
        db,
        settings(),
        the_study().study_id,
        condition=condition,
        level=_number(level),
        item=item,
    )


def _number(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        raise StudyUnknown("There is no such level.", "Choose a pair from the table.") from None


def _kept(response: Response, sounds: PairSounds) -> Response:
    """Kept by this browser if it was asked for by the digest of the sounds, as they are."""
    if request.args.get("v") == sounds.digest[:16]:
        response.cache_control.private = True
        response.cache_control.max_age = MAX_AGE_S
    return response


def _parts(sounds: PairSounds) -> dict[str, Samples]:
    parts = {"baseline": _numbers(sounds.baseline), "compressed": _numbers(sounds.compressed)}
    if sounds.comparable:
        parts["difference"] = parts["compressed"] - parts["baseline"]
    return parts


def _numbers(clip: Clip) -> Samples:
    """Zeros where a sample is no number: such a sound is a finding, and still to be looked at."""
    return np.asarray(np.nan_to_num(clip.samples, posinf=0.0, neginf=0.0))


def _figures(sounds: PairSounds | None) -> PairFigures | None:
    if sounds is None or not sounds.comparable or not sounds.baseline.n_frames:
        return None
    finite = [np.isfinite(clip.samples).all() for clip in (sounds.baseline, sounds.compressed)]
    if not all(finite):
        return None
    return measure_pair(sounds.baseline, sounds.compressed, limits=sounds.limits)


def _waveform(name: str, samples: Samples, beside: Samples) -> dict[str, Any]:
    drawn = waveform(samples, enlarged=enlargement(samples, beside) if name == "difference" else 1)
    return {"lows": drawn.lows, "highs": drawn.highs, "enlarged": drawn.enlarged}


def _gain_db(difference: Samples, baseline: Samples) -> float:
    """What makes the difference about as loud as the baseline, without clipping."""
    level, beside, peak = (
        float(np.sqrt(np.mean(difference**2))),
        float(np.sqrt(np.mean(baseline**2))),
        float(np.abs(difference).max(initial=0.0)),
    )
    if not (level > 0 and beside > 0 and np.isfinite(level * beside)):
        return 0.0
    gain = 20 * float(np.log10(min(beside / level, PEAK / peak)))
    return round(float(np.clip(gain, 0, MAX_GAIN_DB)))


def _data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _siblings(record: GateRecord, place: Place) -> list[tuple[CheckedPair, list[GateFinding]]]:
    """The same item at all levels of the condition."""
    found = findings_by_pair(record)
    return [(one, found[place_of(one)]) for one in record.pairs if place_of(one)[:2] == place[:2]]


def _steps(record: GateRecord, place: Place) -> dict[str, CheckedPair]:
    """The pairs before and after, of those with findings."""
    found = findings_by_pair(record)
    places = [place_of(one) for one in record.pairs]
    if place not in places:
        return {}
    at = places.index(place)
    before = next((one for one in reversed(record.pairs[:at]) if found[place_of(one)]), None)
    after = next((one for one in record.pairs[at + 1 :] if found[place_of(one)]), None)
    return {name: one for name, one in (("before", before), ("after", after)) if one is not None}
