"""Findings about sessions: who was left out, catch trials, times, patterns, interruptions."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.analysis.study.catch_trials import CatchResults
from jndlab.analysis.study.data_findings import (
    Finding,
    answers,
    are,
    is_small,
    note,
    p_text,
    people,
    warning,
)
from jndlab.analysis.study.flow import ParticipantFlow
from jndlab.analysis.study.interruptions import Interruptions
from jndlab.analysis.study.response_patterns import ResponsePatterns
from jndlab.analysis.study.response_times import ResponseTimes, is_mechanical

_MOST_EXCLUDED = 1 / 3
_FEWEST_GROSS = 0.8


def flow_findings(flow: ParticipantFlow) -> Iterator[Finding]:
    """What is worth saying about who was left out.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.flow import participant_flow
    >>> list(flow_findings(participant_flow(example_trials())))
    []
    """
    if flow.n_analysed == 0:
        yield warning(
            "flow",
            "The rules leave out every session: there is nothing to analyse.",
            "Check that the rules fit the study; loosening them now is a deviation to be reported.",
        )
        return
    if flow.n_excluded > _MOST_EXCLUDED * flow.n_finished_practice:
        yield warning(
            "flow",
            f"{flow.n_excluded} of {flow.n_finished_practice} sessions that finished practice were "
            "left out.",
            "Report the result without exclusions too: so many may change who the listeners are.",
        )
    left = flow.n_finished_practice - flow.n_completed
    if left:
        kept = flow.n_analysed_unfinished
        yield note(
            "flow",
            f"{left} of {flow.n_finished_practice} sessions that finished practice were not "
            f"finished; {kept} of these {are(kept)} analysed.",
            "Say whether those who left differ from those who stayed.",
        )
    for sentence in flow.warnings:
        yield warning("flow", sentence, "Look at these sessions in the table.")


def catch_findings(catch: CatchResults) -> Iterator[Finding]:
    """Attention, and anything but the sound that gives answers away.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.catch_trials import check_catch_trials
    >>> list(catch_findings(check_catch_trials(example_trials())))
    []
    """
    gross, identical = catch.gross, catch.identical
    if gross is None:
        yield note(
            "catch",
            "There are no gross catch trials, so nothing here shows that listeners attended.",
            "Plan some in the next study: gross_trials in the study file.",
        )
    elif gross.n_correct < _FEWEST_GROSS * gross.n_trials:
        yield warning(
            "catch",
            f"Only {gross.n_correct} of {gross.n_trials} gross catch trials were answered right.",
            "Check that the most compressed level is plainly audible, the sound, and the task.",
        )
    if catch.below_gross:
        yield note(
            "catch",
            f"Below {catch.min_gross_correct:.0%} right on gross catch trials: "
            f"{people(catch.below_gross)}.",
            "The rule stated beforehand leaves them out.",
        )
    if catch.chance is None:
        return  # trials without a difference are half of the test trials there
    if identical is None:
        yield note(
            "catch",
            "There are no identical pairs, so nothing here shows that only the sound was heard.",
            "Plan some in the next study: identical_trials in the study file.",
        )
    elif is_small(catch.leak_p_value):
        yield warning(
            "catch",
            f"{identical.n_correct} of {identical.n_trials} answers to identical pairs agree with "
            f"the key (p {p_text(catch.leak_p_value)}): something other than the sound gives it "
            "away.",
            "Find it before you believe the thresholds: loading times, clip lengths, page, noise.",
        )
    elif is_small(catch.leak_spread_p_value):
        yield warning(
            "catch",
            "Listeners agree with the key of identical pairs more unevenly than guessing explains "
            f"(p {p_text(catch.leak_spread_p_value)}): some may use a cue that is not in the "
            "sound.",
            "Look at the sessions with the most and the least agreement.",
        )


def time_findings(times: ResponseTimes) -> Iterator[Finding]:
    """Impossible and unusual response times.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_times import check_response_times
    >>> [one.sentence for one in time_findings(check_response_times(example_trials()))]
    ['3 of 576 response times are unusual for the listener.']
    """
    hasty = [one.participant for one in times.sessions if one.n_too_fast]
    if hasty:
        n_answers = sum(one.n_too_fast for one in times.sessions)
        yield warning(
            "times",
            f"{n_answers} {answers(n_answers)} came within {times.too_fast_ms:g} ms of the first "
            f"sound, too fast to have listened: {people(hasty)}.",
            "A rule such as min_response_time_ms, stated beforehand, leaves them out.",
        )
    equal = [one.participant for one in times.sessions if is_mechanical(one)]
    if equal:
        yield warning(
            "times",
            "More than half of the response times of a session are equal to 0.1 ms: "
            f"{people(equal)}.",
            "A program may have answered, or the browser gives coarse times. Look at the session.",
        )
    unusual = [one.participant for one in times.sessions if one.unusual_listener]
    if unusual:
        yield note(
            "times",
            f"Far slower or faster than the others on the whole: {people(unusual)}.",
            "Look at their catch trials before you think of leaving them out.",
        )
    n_out = sum(one.n_fast + one.n_slow for one in times.sessions)
    if n_out:
        yield note(
            "times",
            f"{n_out} of {times.n_trials} response times {are(n_out)} unusual for the listener.",
            "They stay in unless a rule stated beforehand says otherwise.",
        )
    if times.n_without_time:
        yield note(
            "times",
            f"{times.n_without_time} {answers(times.n_without_time)} "
            f"{'has' if times.n_without_time == 1 else 'have'} no response time.",
            "No rule about times applies to them.",
        )


def pattern_findings(patterns: ResponsePatterns, *, shares: bool = True) -> Iterator[Finding]:
    """Answers that do not depend on the sound.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_patterns import check_response_patterns
    >>> list(pattern_findings(check_response_patterns(example_trials())))
    []
    """
    for one in patterns.flagged:
        alternates = one.alternating.flagged and not one.same.flagged
        run = one.alternating if alternates else one.same
        what = "alternating answers" if alternates else "equal answers"
        yield warning(
            "patterns",
            f"Participant {one.participant} gave {run.length} {what} in a row from trial "
            f"{run.first_trial} (p {p_text(run.p_value_holm)}), {run.n_correct} of them right.",
            "Look at the session; only a rule stated beforehand may leave it out.",
        )
    skewed = [s.participant for s in patterns.sessions if is_small(s.share_p_value_holm)]
    if skewed and shares:
        yield note(
            "patterns",
            f"One response far more often than the other: {people(skewed)}.",
            "See the interval bias; d′ with the bias allowed for is the better measure for them.",
        )


def interruption_findings(calm: Interruptions) -> Iterator[Finding]:
    """Reloads, gaps, unheard intervals, clocks, devices.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interruptions import check_interruptions
    >>> list(interruption_findings(check_interruptions(example_trials())))
    []
    """
    reloaded = [one.participant for one in calm.sessions if one.n_reloaded]
    if reloaded:
        yield note(
            "interruptions",
            f"{calm.n_reloaded} of {calm.n_trials} trials were loaded more than once: "
            f"{people(reloaded)}.",
            "A reload lets a listener hear the trial anew; report the number.",
        )
    long = [one.participant for one in calm.sessions if one.gaps]
    if long:
        yield note(
            "interruptions",
            f"Interrupted for more than {calm.long_gap_minutes:g} min: {people(long)}.",
            "Look whether answers changed after the gap.",
        )
    for number, what, remedy in (
        (
            sum(one.n_unheard for one in calm.sessions),
            "were given without playing every interval",
            "The page should not allow this: check how the data were collected.",
        ),
        (
            sum(one.n_backwards for one in calm.sessions),
            "were stored before their trial was handed out",
            "The server's clock jumped: do not use times and gaps of these sessions.",
        ),
    ):
        if number:
            yield warning("interruptions", f"{number} {answers(number)} {what}.", remedy)
    if len(calm.sample_rates_hz) > 1:
        rates = ", ".join(f"{rate} Hz ({n})" for rate, n in calm.sample_rates_hz.items())
        yield note(
            "interruptions",
            f"Devices played at different sample rates (sessions): {rates}.",
            "The browser resampled where the rate is not the study's; report it.",
        )
