"""Whoever sends a sound (server, nginx, object store) tells no more than its bytes do."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jndlab.audio.pcm import decode_wav
from jndlab.clips import load_clip, open_clips, open_released
from jndlab.clips.bucket import BucketShelf
from jndlab.clips.released import WINDOW_SECONDS
from tests.kept_clips import stored_clips
from tests.nginx import PROGRAM
from tests.object_store import ObjectStore
from tests.web.sending import API, WAYS, Reply, Sending, sending

PER_REQUEST = {"date", "repr-digest", "x-request-id", "location"}
"""Headers that differ from one answer to the next, whatever is sent."""
OF_THE_STORE = {"etag", "last-modified", "x-amz-content-sha256", "x-amzn-requestid"}
"""What an object store says by itself of an object that was made for this one sending."""


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with ObjectStore() as store:
        yield store


@pytest.fixture(scope="module", params=WAYS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sending]:
    way = request.param
    if way.startswith("nginx") and PROGRAM is None:
        pytest.skip("nginx is not installed")
    needed = way in ("objects", "nginx-objects", "signed")
    store = request.getfixturevalue("store") if needed else None
    with sending(way, tmp_path_factory.mktemp(way), store) as server:
        yield server


def take(server: Sending, token: str, n_trials: int) -> Iterator[Any]:
    """The first trials of a session, each before it is answered."""
    for number in range(1, n_trials + 1):
        trial = server.json("POST", "/trial", token=token)
        assert trial["number"] == number
        yield trial
        answer = {"key": f"key-{number:04}", "response": "A", "response_time_ms": 900.0}
        path = f"/trials/{number}/response"
        server.json("PUT", path, token=token, body={**answer, "plays": [1, 1, 1]})


def addresses(trial: Any) -> list[str]:
    return [interval["clip"] for interval in trial["intervals"]]


def fixed_head(reply: Reply, *, also: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """Status, and the headers that say nothing about this one request, in their order."""
    random = PER_REQUEST | (OF_THE_STORE if "x-amzn-requestid" in dict(lower(reply)) else set())
    return reply.status, tuple((k, v) for k, v in lower(reply) if k not in random | also)


def lower(reply: Reply) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in reply.headers]


def test_sounds_differ_in_no_header_nor_length_and_each_in_bytes(server: Sending) -> None:
    token = server.open()
    heads, starts, lengths, digests, originals = set(), set(), set(), set(), {}
    clips = open_clips(server.launched.settings)
    for digest in stored_clips(clips):
        originals[digest] = decode_wav(load_clip(clips, digest))
    assert len(originals) == 12
    n_sounds = 0
    for trial in take(server, token, 4):
        for address in addresses(trial):
            replies = server.sound(address, token)
            heads.add(tuple(fixed_head(reply) for reply in replies))
            sound = replies[-1].body
            assert replies[-1].status == 200
            assert len(replies[0].headers) == len(set(replies[0].headers))
            starts.add(sound[:44])
            lengths.add(len(sound))
            digests.add(hashlib.sha256(sound).hexdigest())
            n_sounds += 1
            samples = decode_wav(sound)
            nearest = [int(np.abs(samples - one).max()) for one in originals.values()]
            assert min(nearest) == 1
            told = replies[0].header("Repr-Digest")
            whole = base64.b64encode(hashlib.sha256(sound).digest()).decode()
            assert told == f"sha-256=:{whole}:"
            said = "\n".join(str(reply.headers) for reply in replies)
            assert [digest for digest in originals if digest[:16] in said] == []
    assert (len(heads), len(starts), len(lengths)) == (1, 1, 1)
    assert len(digests) == n_sounds == 12
    assert digests.isdisjoint(originals)


def test_nothing_may_be_kept_on_the_way(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    for reply in server.sound(addresses(trial)[0], token):
        assert reply.header("Cache-Control") == "no-store"
        assert reply.header("Age") is None
        if "x-amzn-requestid" not in dict(lower(reply)):  # from ours and from nginx
            assert {name for name, _ in lower(reply)} & {
                "etag",
                "last-modified",
                "expires",
            } == set()


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-99"},
        {"Range": "bytes=44-44,46-46"},
        {"Range": "bytes=100000000-"},
        {"If-None-Match": "*"},
        {"If-Match": "*"},
        {"If-None-Match": '"x"', "Range": "bytes=-3"},
        {"If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT"},
        {"Accept-Encoding": "gzip, br", "TE": "trailers"},
        {"Want-Repr-Digest": "md5=9", "Accept": "text/html"},
    ],
    ids=lambda headers: " ".join(f"{name} {value}" for name, value in headers.items()),
)
def test_parts_and_conditions_get_the_same_from_every_sound(
    server: Sending, headers: dict[str, str]
) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    answers = [server.sound(address, token, **headers) for address in addresses(trial)]
    vary = frozenset({"content-range"})
    assert len({tuple(fixed_head(r, also=vary) for r in replies) for replies in answers}) == 1
    assert len({len(replies[-1].body) for replies in answers}) == 1
    if server.way != "signed":  # the object there is this listener's own: parts of it are, too
        whole = server.sound(addresses(trial)[0], token)[-1]
        assert answers[0][-1].status in (200, 304, 412)  # nginx: whatever the sound
        if answers[0][-1].status == 200:
            assert answers[0][-1].body == whole.body


def test_a_head_request_has_the_same_answer_for_every_sound(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    replies = [server.ask("HEAD", address, token=token) for address in addresses(trial)]
    assert len({fixed_head(reply) for reply in replies}) == 1
    assert {reply.body for reply in replies} == {b""}
    assert {reply.status for reply in replies} == {307 if server.way == "signed" else 200}


def test_other_methods_are_refused_alike(server: Sending) -> None:
    token, other = server.open(), server.open()
    (trial,) = take(server, token, 1)
    for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
        replies = [server.ask(method, address, token=token) for address in addresses(trial)]
        replies.append(server.ask(method, f"{API}/clips/{'x' * 24}", token=token))
        replies.append(server.ask(method, addresses(trial)[0], token=other))
        assert len({(fixed_head(reply), reply.body) for reply in replies}) == 1
        assert replies[0].status == 405


def test_wrong_and_not_yours_are_equal_byte_for_byte(server: Sending) -> None:
    token, other = server.open(), server.open()
    (trial,) = take(server, token, 1)
    address = addresses(trial)[0]
    name = address.rpartition("/")[2]
    for method in ("GET", "HEAD"):
        replies = [
            server.ask(method, f"{API}/clips/{wrong}", token=other)
            for wrong in (
                name,  # somebody else's
                "x" * 24,
                name[:-1] + ("A" if name[-1] != "A" else "B"),
                name.swapcase(),
                name[:8],
                name + "A",
                "1",
                "%C3%A9",
                "a" * 2000,
            )
        ]
        assert {(fixed_head(reply), reply.body) for reply in replies} == {
            (fixed_head(replies[0]), replies[0].body)
        }
        assert replies[0].status == 404
    refused = json.loads(server.ask("GET", f"{API}/clips/{name}", token=other).body)
    assert refused["error"]["code"] == "not-found"
    assert name not in json.dumps(refused)


def test_a_token_that_is_wrong_is_told_before_the_name_is_looked_at(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    replies = [
        server.ask("GET", address, token=wrong)
        for address in (*addresses(trial), f"{API}/clips/{'x' * 24}")
        for wrong in ("x" * 43, token[:-1], token.swapcase())
    ]
    assert len({(fixed_head(reply), reply.body) for reply in replies}) == 1
    assert replies[0].status == 404


def test_a_sound_asked_for_again_has_the_same_bytes_and_fills_no_disk(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    for address in addresses(trial):
        before = time.time() // WINDOW_SECONDS
        many = [server.sound(address, token)[-1].body for _ in range(5)]
        assert len(set(many)) == 1
        n_windows = time.time() // WINDOW_SECONDS - before + 1
        name = address.rpartition("/")[2]
        assert len([path for path in laid_out(server) if name in path]) <= n_windows


def test_order_of_requests_changes_nothing(server: Sending) -> None:
    """X first, or last: the head is the same, and so is the sound."""
    token = server.open()
    (trial,) = take(server, token, 1)
    forwards = [server.sound(address, token) for address in addresses(trial)]
    backwards = [server.sound(address, token) for address in reversed(addresses(trial))]
    assert [r[-1].body for r in forwards] == [r[-1].body for r in reversed(backwards)]
    heads = {tuple(fixed_head(one) for one in replies) for replies in (*forwards, *backwards)}
    assert len(heads) == 1


def test_where_sounds_lie_can_be_asked_for_by_nobody(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    address = addresses(trial)[0]
    server.sound(address, token)
    if server.way == "nginx":
        out = [f"/_released/{name}" for name in laid_out(server)]
        assert out
    else:
        out = ["/_released/1/x.wav"]
    names = [f"/_objects/listening/{server.way}/clips/{d[:2]}/{d}.wav" for d in digests_of(server)]
    for path in (*out, *names, "/_released/", "/_released/../clips"):
        reply = server.ask("GET", path, token=token, headers={"X-Accel-Redirect": path})
        assert reply.status in (400, 404, 503), path
        assert b"RIFF" not in reply.body
    assert server.ask("GET", address, token=token).header("X-Accel-Redirect") is None


def test_a_link_says_nothing_and_opens_one_object_only(server: Sending) -> None:
    if server.way != "signed":
        pytest.skip("only links are seen by listeners")
    token = server.open()
    (trial,) = take(server, token, 1)
    links = [str(server.sound(a, token)[0].header("Location")) for a in addresses(trial)]
    shapes = {
        re.sub(r"(?<=/)[\w-]{24}(?=\.wav)|(?<=Signature=)\w{64}", "?", link) for link in links
    }
    assert len({re.sub(r"\d{8}T\d{6}Z", "?", shape) for shape in shapes}) == 1
    assert f"X-Amz-Expires={WINDOW_SECONDS}" in links[0]
    names = {match[1] for link in links for match in re.finditer(r"/([\w-]{24})\.wav", link)}
    assert names == {address.rpartition("/")[2] for address in addresses(trial)}


def laid_out(server: Sending) -> list[str]:
    """The names of the sounds that lie there for nginx or for links."""
    place = open_released(server.launched.settings).place
    if isinstance(place, BucketShelf):
        return list(place.names())
    return [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()]


def digests_of(server: Sending) -> list[str]:
    return list(stored_clips(open_clips(server.launched.settings)))


def test_sounds_that_went_out_are_swept_and_can_be_had_again(server: Sending) -> None:
    token = server.open()
    (trial,) = take(server, token, 1)
    address = addresses(trial)[0]
    before = server.sound(address, token)[-1].body
    settings = server.launched.settings
    if server.way in ("app", "objects"):
        assert not settings.released.exists()
        return
    released = open_released(settings)
    assert laid_out(server)
    released.sweep(2**40)
    assert laid_out(server) == []
    assert server.sound(address, token)[-1].body == before
    (left,) = laid_out(server)
    window = int(left.partition("/")[0])
    released.sweep(window + 1)  # a listener may be fetching it still
    assert laid_out(server) == [left]
    released.sweep(window + 2)
    assert laid_out(server) == []
