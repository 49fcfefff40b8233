"""A torch module as a model: same sound, exchanged weights, honest counts, clear refusals."""

import numpy as np
import pytest

from jndlab.compression.counts import Operations
from jndlab.compression.weights import weights_digest
from jndlab.errors import CompressionError

torch = pytest.importorskip("torch")

from jndlab.compression.models.torch_model import TorchModel  # noqa: E402


class Gate(torch.nn.Module):
    """Frames of 4 samples through a GRU whose output gates them."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = torch.nn.GRU(4, 4, batch_first=True)
        self.dropout = torch.nn.Dropout(0.5)
        self.register_buffer("scale", torch.tensor(0.5))

    def forward(self, noisy):
        frames = noisy.reshape(noisy.shape[0], -1, 4)
        mask = torch.sigmoid(self.gru(frames)[0])
        return (self.dropout(frames * mask) * self.scale).reshape(noisy.shape)


@pytest.fixture
def module():
    torch.manual_seed(0)
    return Gate()


@pytest.fixture
def noisy():
    return np.random.default_rng(1).normal(0, 0.1, 400)


def test_it_gives_what_the_module_gives_in_evaluation_mode(module, noisy) -> None:
    enhanced = TorchModel(module, name="gate").enhance(noisy)
    with torch.no_grad():
        expected = module.eval()(torch.tensor(noisy, dtype=torch.float32)[None])[0].numpy()
    assert enhanced.dtype == np.float64
    np.testing.assert_array_equal(enhanced, expected.astype(np.float64))


def test_exchanged_weights_change_the_copy_only(module, noisy) -> None:
    model = TorchModel(module, name="gate")
    before = model.enhance(noisy)
    zeros = {name: np.zeros_like(tensor) for name, tensor in model.weights.items()}
    silenced = model.with_weights(zeros)
    np.testing.assert_allclose(silenced.enhance(noisy), 0.25 * noisy.astype(np.float32), atol=1e-9)
    np.testing.assert_array_equal(model.enhance(noisy), before)
    assert all(not tensor.any() for tensor in silenced.weights.values())
    assert silenced.name == model.name
    assert silenced.digest != model.digest


def test_later_training_of_the_module_does_not_reach_the_model(module, noisy) -> None:
    model = TorchModel(module, name="gate")
    before = model.enhance(noisy)
    with torch.no_grad():
        module.gru.weight_ih_l0.zero_()
    np.testing.assert_array_equal(model.enhance(noisy), before)


def test_buffers_are_no_weights_but_part_of_the_digest(module) -> None:
    model = TorchModel(module, name="gate")
    assert list(model.weights) == [
        "gru." + kind for kind in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    ]
    assert model.parameters.count == 2 * 12 * 4 + 2 * 12
    module.scale.fill_(0.25)
    assert TorchModel(module, name="gate").digest != model.digest
    linear = torch.nn.Linear(2, 2)
    plain = TorchModel(linear, name="linear")
    assert plain.digest == weights_digest(plain.weights)


def test_operations_of_recurrent_layers_are_counted(module) -> None:
    count = TorchModel(module, name="gate", rate_hz=100).operations(400)
    assert count is not None
    assert count.macs == 100 * 2 * 12 * 4  # 100 frames, two matrices of three gates
    assert count.seconds == 4.0
    assert "one multiply-accumulate each" in count.rule


def test_operations_of_an_lstm_and_of_a_transposed_convolution() -> None:
    class Both(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = torch.nn.LSTM(4, 8, batch_first=True)
            self.up = torch.nn.ConvTranspose1d(8, 1, 4, stride=4)

        def forward(self, noisy):
            hidden = self.lstm(noisy.reshape(1, -1, 4))[0]
            return self.up(hidden.transpose(1, 2))[:, 0]

    count = TorchModel(Both(), name="both").operations(40)
    assert count is not None
    assert count.macs == 10 * (4 * 8 * (4 + 8)) + 10 * 8 * 4


def test_a_module_without_products_has_no_count() -> None:
    assert TorchModel(torch.nn.Identity(), name="identity").operations(100) is None


def test_a_formula_and_a_rule_go_with_exchanged_weights(module) -> None:
    def formula(n_samples: int) -> Operations:
        return Operations(macs=2.0 * n_samples, seconds=n_samples / 16_000, rule="two a sample")

    model = TorchModel(module, name="gate", operations=formula, parameters_rule="all weights")
    model = model.with_weights(model.weights)
    assert model.operations(16_000) == Operations(macs=32_000.0, seconds=1.0, rule="two a sample")
    assert model.parameters.rule == "all weights"


def test_threads_are_given_back(module, noisy) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        TorchModel(module, name="gate").enhance(noisy)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_parameters_of_another_precision_are_refused_by_name(module) -> None:
    module.gru = module.gru.half()
    with pytest.raises(CompressionError, match=r"'gru.weight_ih_l0' are float16"):
        TorchModel(module, name="gate")


class Wrong(torch.nn.Module):
    def __init__(self, change) -> None:
        super().__init__()
        self.change = change

    def forward(self, noisy):
        return self.change(noisy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda noisy: noisy[:, :-1], "gives 399 samples for 400"),
        (lambda noisy: noisy / 0, "not finite"),
        (lambda noisy: (noisy, noisy), "but this type: tuple"),
        (lambda noisy: torch.stack([noisy, noisy], dim=1), r"shape \(1, 2, 400\)"),
    ],
)
def test_output_that_cannot_be_compared_is_refused(change, message, noisy) -> None:
    with pytest.raises(CompressionError, match=message):
        TorchModel(Wrong(change), name="wrong").enhance(noisy)


def test_what_a_module_raises_becomes_a_message_with_its_words(noisy) -> None:
    model = TorchModel(Wrong(lambda sound: sound @ torch.zeros(3, 2)), name="wrong")
    with pytest.raises(
        CompressionError, match=r"\(1, 400\): RuntimeError: mat1 and mat2"
    ) as caught:
        model.enhance(noisy)
    assert "(batch, n_samples)" in caught.value.remedy
    with pytest.raises(CompressionError, match="RuntimeError: mat1 and mat2"):
        model.operations(40)


def test_weights_that_do_not_fit_are_refused(module) -> None:
    model = TorchModel(module, name="gate")
    wrong = {name: tensor.copy() for name, tensor in model.weights.items()}
    wrong["gru.bias_hh_l0"] = wrong["gru.bias_hh_l0"][:-1]
    with pytest.raises(CompressionError, match=r"'gru.bias_hh_l0' have the shape \(11,\)"):
        model.with_weights(wrong)
    wrong.pop("gru.bias_hh_l0")
    with pytest.raises(CompressionError, match="only one of the two"):
        model.with_weights(wrong)
