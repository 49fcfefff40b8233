"""The published separators run, and their parts do what they say."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from jndlab.compression.grouped.communication import (  # noqa: E402
    BlstmAcrossGroups,
    ResidualBlstm,
    TransformAverageConcatenate,
)
from jndlab.compression.grouped.segments import join_segments, split_segments  # noqa: E402
from jndlab.compression.grouped.separation import (  # noqa: E402
    dprnn_tasnet,
    gc3_tasnet,
    groupcomm_dprnn,
)
from jndlab.compression.grouped.sequence import GroupedBlstm, GroupedTcn  # noqa: E402


@pytest.fixture(autouse=True)
def _seeded():
    torch.set_num_threads(1)
    torch.manual_seed(1)


@pytest.mark.parametrize("length", [1, 11, 12, 13, 24, 47, 100])
def test_segments_come_together_at_twice_the_level(length: int) -> None:
    features = torch.randn(2, 3, length)
    segments = split_segments(features, 24)
    assert segments.shape[:3] == (2, 3, 24)
    assert torch.allclose(join_segments(segments, length), 2 * features)


@pytest.mark.parametrize("kind", [TransformAverageConcatenate, BlstmAcrossGroups])
def test_groups_hear_each_other_and_time_stays_apart(kind) -> None:
    """A change in one group reaches all groups at that time; up to the norm, no other time."""
    communicate = kind(4, 12).eval()
    _silence_norms(communicate)
    features = torch.randn(1, 3, 4, 5)
    changed = features.clone()
    changed[0, 1, 0, 2] += 1.0
    moved = (communicate(changed) - communicate(features)).abs().amax(dim=2)[0]
    assert (moved[:, 2] > 1e-6).all()
    others = [0, 1, 3, 4]
    assert (moved[:, others] < 1e-6).all()


def test_tac_treats_all_groups_alike() -> None:
    communicate = TransformAverageConcatenate(4, 12).eval()
    features = torch.randn(2, 3, 4, 5)
    order = [2, 0, 1]
    with torch.no_grad():
        assert torch.allclose(communicate(features)[:, order], communicate(features[:, order]))


def test_tac_follows_its_formula() -> None:
    communicate = TransformAverageConcatenate(2, 3).eval()
    features = torch.randn(1, 2, 2, 1)
    with torch.no_grad():
        each = [communicate.transform(features[0, group, :, 0]) for group in range(2)]
        common = communicate.average((each[0] + each[1]) / 2)
        messages = [communicate.concatenate(torch.cat([part, common])) for part in each]
        normed = [(m - m.mean()) / torch.sqrt(m.var(unbiased=False) + 1e-5) for m in messages]
        expected = features[0, :, :, 0] + torch.stack(normed)
        assert torch.allclose(communicate(features)[0, :, :, 0], expected, atol=1e-6)


def test_a_residual_blstm_keeps_other_sequences_apart() -> None:
    block = ResidualBlstm(3, 4).eval()
    _silence_norms(block)
    features = torch.randn(1, 3, 6, 2)
    changed = features.clone()
    changed[0, 0, 5, 1] += 1.0
    moved = (block(changed) - block(features)).abs().amax(dim=1)[0]
    assert (moved[:, 0] < 1e-6).all()
    assert moved[0, 1] > 1e-7  # five steps before the change: it looks both ways


@pytest.mark.parametrize(
    "network",
    [
        lambda: dprnn_tasnet(layers=1),
        lambda: groupcomm_dprnn(16, layers=1),
        lambda: gc3_tasnet("tcn", layers=2),
        lambda: gc3_tasnet("dprnn", layers=1),
    ],
)
@pytest.mark.parametrize("n_samples", [640, 1001])
def test_separators_keep_the_length(network, n_samples: int) -> None:
    with torch.no_grad():
        sounds = network().eval()(torch.randn(2, n_samples))
    assert sounds.shape == (2, 2, n_samples)
    assert torch.isfinite(sounds).all()
    assert sounds.std() > 0


@pytest.mark.parametrize(
    "module", [GroupedBlstm(4, 8, layers=2), GroupedTcn(4, 16, layers=2, stacks=2)]
)
def test_grouped_modules_learn_in_every_weight(module) -> None:
    module(torch.randn(2, 3, 4, 12)).square().sum().backward()
    idle = [name for name, p in module.named_parameters() if p.grad is None or not p.grad.any()]
    # the last block of a TCN gives its skip only: its residual goes nowhere
    assert [name for name in idle if not name.startswith("blocks.3.residual")] == []


def _silence_norms(module) -> None:
    """Norms mix times on purpose; without them each time stands for itself."""
    for name, child in list(module.named_children()):
        if isinstance(child, torch.nn.GroupNorm):
            setattr(module, name, torch.nn.Identity())
        else:
            _silence_norms(child)
