"""MANNER as a torch module: parameters, lengths, the parts that it is made of."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from jndlab.compression.attention.blocks import (  # noqa: E402
    ChannelView,
    GlobalView,
    LocalView,
    chunked,
    joined,
)
from jndlab.compression.attention.counting import (  # noqa: E402
    count_operations,
    count_parameters,
    layers,
)
from jndlab.compression.attention.design import (  # noqa: E402
    MANNER_BASE,
    MANNER_LARGE,
    MANNER_SMALL,
    STUDENT,
    Design,
    n_chunks,
)
from jndlab.compression.attention.manner import Manner  # noqa: E402

TINY = Design(hidden=6, depth=2)
EVERYWHERE = Design(hidden=6, depth=2, attention="every-level")


def network(design: Design, seed: int = 0) -> Manner:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Manner(design).eval()


def noise(*shape: int, seed: int = 1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 0.1


@pytest.mark.parametrize("design", [MANNER_SMALL, MANNER_BASE, MANNER_LARGE, STUDENT, TINY])
def test_parameters_are_as_many_as_the_formula_says(design):
    with torch.device("meta"):  # shapes without memory
        module = Manner(design)
    assert sum(p.numel() for p in module.parameters()) == count_parameters(design).count


@pytest.mark.parametrize("design", [TINY, EVERYWHERE])
def test_operations_are_as_many_as_torch_counts(design):
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(design)(torch.zeros(1, 3000))
    assert counter.get_total_flops() == 2 * count_operations(design, 3000)


def test_layers_come_out_as_long_as_counted():
    module, seen = network(TINY), []
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            part.register_forward_hook(lambda _m, _i, output: seen.append(output.numel()))
    with torch.no_grad():
        module(noise(1, 1234))
    counted = [layer.outputs for layer in layers(TINY, 1234) if layer.kind == "norm"]
    assert sorted(seen) == sorted(counted)


@pytest.mark.parametrize("n_samples", [1, 2, 7, 8, 63, 257, 1000, 4001])
@pytest.mark.parametrize("design", [TINY, EVERYWHERE])
def test_output_is_as_long_as_the_input(design, n_samples):
    with torch.no_grad():
        enhanced = network(design)(noise(2, n_samples))
    assert enhanced.shape == (2, n_samples)
    assert enhanced.dtype == torch.float32
    assert torch.isfinite(enhanced).all()


def test_silence_stays_silence():
    with torch.no_grad():
        assert not network(TINY)(torch.zeros(1, 500)).any()


def test_a_louder_sound_comes_out_louder_by_as_much():
    """The input is divided by its deviation; 1e-3 beside it is little for sounds like these."""
    module, sound = network(TINY), noise(1, 2000) * 10
    with torch.no_grad():
        quiet, loud = module(sound), module(4 * sound)
    assert torch.allclose(loud, 4 * quiet, rtol=0.02, atol=1e-3)


def test_one_sound_does_not_depend_on_the_others_of_its_batch():
    module, sounds = network(EVERYWHERE), noise(3, 1500)
    with torch.no_grad():
        together, alone = module(sounds), module(sounds[1:2])
    assert torch.allclose(together[1:2], alone, atol=1e-6)


def test_the_same_seed_gives_the_same_network():
    sound = noise(1, 800)
    with torch.no_grad():
        assert torch.equal(network(TINY)(sound), network(TINY)(sound))
        assert not torch.equal(network(TINY)(sound), network(TINY, seed=1)(sound))


@pytest.mark.parametrize("length", [1, 31, 32, 63, 64, 65, 100, 128, 1000])
def test_chunks_overlap_by_half_and_join_to_what_they_were(length):
    sound = noise(2, 3, length)
    chunks = chunked(sound)
    assert chunks.shape == (2, 3, n_chunks(length), 64)
    assert torch.equal(chunks[:, :, 1:, :32], chunks[:, :, :-1, 32:])
    assert torch.allclose(joined(chunks, length), sound, atol=1e-7)


def test_the_channel_view_scales_whole_channels():
    x = noise(2, 6, 50) + 2.0
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(3)
        scale = ChannelView(6)(x) / x
    assert torch.allclose(scale, scale[..., :1].expand_as(scale), atol=1e-6)
    assert ((scale > 0) & (scale < 1)).all()


def test_the_global_view_carries_far():
    """A change at the start of a sound reaches its end, many chunks away."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(4)
        view = GlobalView()
        x = noise(1, 2, 640)
        changed = x.clone()
        changed[..., :32] += 1
        far = (view(changed) - view(x))[..., -32:]
    assert far.abs().max() > 1e-5


def test_the_local_view_does_not():
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(4)
        view = LocalView(4).eval()
        x = noise(1, 4, 640)
        changed = x.clone()
        changed[..., :32] += 1
        difference = (view(changed) - view(x)).abs().amax(dim=(0, 1))
    assert difference[:32].max() > 0.1
    assert not difference[128:].any()
