"""Attention maps of teacher and student, and the loss between them."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from jndlab.compression.attention.blocks import MultiViewAttention  # noqa: E402
from jndlab.compression.attention.design import Design  # noqa: E402
from jndlab.compression.attention.losses import (  # noqa: E402
    VIEWS,
    transfer_from,
    transfer_loss,
)
from jndlab.compression.attention.manner import Manner  # noqa: E402
from jndlab.compression.attention.maps import (  # noqa: E402
    Place,
    attention_blocks,
    compared,
    map_of,
    recorded,
    shared_places,
)

TEACHER = Design(hidden=8, depth=3)
STUDENT = Design(hidden=6, depth=2)
DEEPEST = (Place("decoder", 0), Place("encoder", 0))


def network(design: Design, seed: int = 0) -> Manner:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Manner(design).eval()


def noise(*shape: int, seed: int = 1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 0.1


def maps_of(module: Manner, sound):
    with torch.no_grad(), recorded(module) as maps:
        module(sound)
    return dict(maps)


def test_a_small_manner_attends_at_one_place_on_each_side():
    assert tuple(sorted(attention_blocks(network(TEACHER)))) == DEEPEST
    everywhere = Design(hidden=6, depth=3, attention="every-level")
    assert len(attention_blocks(network(everywhere))) == 6


def test_levels_are_paired_from_the_bottleneck_upwards():
    assert shared_places(network(TEACHER), network(STUDENT)) == DEEPEST
    deep = network(Design(hidden=6, depth=3, attention="every-level"))
    shallow = network(Design(hidden=6, depth=2, attention="every-level"))
    places = shared_places(deep, shallow)
    assert {place.above for place in places} == {0, 1}
    assert len(places) == 4
    blocks = attention_blocks(deep)
    assert blocks[Place("encoder", 0)] is deep.encoders[2].attention
    assert blocks[Place("decoder", 0)] is deep.decoders[0].attention
    assert isinstance(blocks[Place("encoder", 2)], MultiViewAttention)


def test_maps_have_one_number_per_channel_or_per_sample():
    maps = maps_of(network(TEACHER), noise(2, 4000))
    lengths = TEACHER.lengths(4000)
    encoder, decoder = Place("encoder", 0), Place("decoder", 0)
    assert maps[encoder, "channel"].shape == (2, 64 // 3)
    assert maps[decoder, "channel"].shape == (2, 32 // 3)
    for view in ("global", "local"):
        assert maps[encoder, view].shape == (2, lengths[3])
        assert maps[decoder, view].shape == (2, lengths[2])
    assert all((each >= 0).all() for each in maps.values())


def test_a_map_is_the_energy_of_the_view():
    output = torch.tensor([[[1.0, -2.0, 0.0], [3.0, 0.0, 1.0]]])
    assert map_of(output, "channel").tolist() == [[5.0, 10.0]]
    assert map_of(output, "global").tolist() == [[10.0, 4.0, 1.0]]
    assert map_of(output, "local").tolist() == [[10.0, 4.0, 1.0]]


def test_the_longer_map_is_averaged_to_the_shorter_ones_grid():
    one, other = compared(torch.tensor([[1.0, 3.0, 2.0, 2.0]]), torch.tensor([[2.0, 2.0]]))
    assert torch.allclose(one, torch.full((1, 2), math.sqrt(0.5)))
    assert torch.allclose(one, other)


def test_maps_of_silence_can_be_compared():
    one, other = compared(torch.zeros(1, 5), torch.zeros(1, 3))
    assert not one.any()
    assert not other.any()


def test_watching_adds_no_parameters_and_leaves_no_trace():
    module, sound = network(TEACHER), noise(1, 2000)
    before = [name for name, _ in module.named_parameters()]
    with torch.no_grad():
        plain = module(sound)
        with recorded(module) as maps:
            watched = module(sound)
        seen = len(maps)
        module(sound)
    assert torch.equal(plain, watched)
    assert [name for name, _ in module.named_parameters()] == before
    assert len(maps) == seen == 6
    assert not any(
        part._forward_hooks
        for block in attention_blocks(module).values()
        for part in block.modules()
    )


def test_no_loss_between_a_network_and_itself():
    maps = maps_of(network(TEACHER), noise(2, 3000))
    assert transfer_loss(maps, maps, DEEPEST).item() == 0.0


def test_loss_between_two_networks_is_bounded_by_the_number_of_maps():
    sound = noise(2, 3000)
    loss = transfer_loss(
        maps_of(network(STUDENT), sound), maps_of(network(TEACHER), sound), DEEPEST
    )
    assert 0 < loss.item() < math.sqrt(2) * len(VIEWS) * len(DEEPEST)


def test_loss_is_the_distance_of_the_normalised_maps():
    place = Place("encoder", 0)
    student = {(place, "local"): torch.tensor([[3.0, 4.0]])}
    teacher = {(place, "local"): torch.tensor([[0.0, 2.0]])}
    loss = transfer_loss(student, teacher, (place,), views=("local",))
    assert loss.item() == pytest.approx(math.hypot(0.6, 0.8 - 1.0))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_reaches_the_student_and_none_the_teacher(view):
    teacher, student, sound = network(TEACHER), network(STUDENT), noise(2, 3000)
    with recorded(teacher) as seen, recorded(student) as maps:
        teacher(sound)
        student(sound)
        transfer_loss(maps, seen, DEEPEST, views=(view,)).backward()
    assert all(p.grad is None for p in teacher.parameters())
    part = {"channel": "channel", "global": "across", "local": "local"}[view]
    for block in attention_blocks(student).values():
        gradients = [p.grad for p in getattr(block, part).parameters()]
        assert any(g is not None and g.abs().max() > 0 for g in gradients)
        assert all(torch.isfinite(g).all() for g in gradients if g is not None)


def test_gradients_of_identical_networks_are_finite():
    """The distance has no slope at zero: the loss must not give numbers that are none."""
    student = network(STUDENT)
    with transfer_from(network(STUDENT), student) as transfer:
        sound = noise(1, 2000)
        estimate = student(sound)
        loss = transfer(student, sound, sound, estimate)
        loss.backward()
    assert loss.item() == 0.0
    grads = [p.grad for p in student.parameters() if p.grad is not None]
    assert grads
    assert all(torch.isfinite(g).all() for g in grads)


def test_beta_weighs_the_transfer():
    student, sound = network(STUDENT), noise(2, 2000)
    losses = {}
    for beta in (1.0, 50.0):
        with transfer_from(network(TEACHER), student, beta=beta) as transfer:
            losses[beta] = transfer(student, sound, sound, student(sound)).item()
    assert losses[50.0] == pytest.approx(50 * losses[1.0], rel=1e-5)


def test_steps_down_the_loss_bring_the_maps_nearer():
    teacher, student, sound = network(TEACHER), network(STUDENT), noise(2, 2000)
    optimiser = torch.optim.Adam(student.parameters(), lr=2e-3)
    values = []
    with transfer_from(teacher, student) as transfer:
        for _ in range(15):
            optimiser.zero_grad()
            loss = transfer(student, sound, sound, student(sound))
            loss.backward()
            optimiser.step()
            values.append(loss.item())
    assert values[-1] < 0.8 * values[0]
