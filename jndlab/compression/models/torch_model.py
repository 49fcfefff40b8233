"""A torch module as a model: float32 parameters are its weights, buffers stay as they are.

This module imports torch: import it inside a function, after
``jndlab.compression.extras.require("torch")``.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from jndlab.compression.counts import Operations, Parameters
from jndlab.compression.model import Signal
from jndlab.compression.models.checks import checked_output, require_exchangeable, require_noisy
from jndlab.compression.weights import Weights, count_weights, weights_digest
from jndlab.errors import CompressionError

RATE_HZ = 16_000
PARAMETERS_RULE = "all parameters of the module; buffers are not counted"
OPERATIONS_RULE = (
    "matrix products and convolutions, one multiply-accumulate each, a transposed convolution"
    " per input sample; no transforms, no element-wise operations"
)


class TorchModel:
    """A module with ``forward(noisy (batch, n_samples)) -> (batch, n_samples)``, to be compressed.

    The module is copied, put into evaluation mode, and never changed afterwards.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        *,
        name: str,
        rate_hz: int = RATE_HZ,
        operations: Callable[[int], Operations] | None = None,
        parameters_rule: str = PARAMETERS_RULE,
    ) -> None:
        """``operations``: cost by number of samples, where a closed formula is at hand.

        Raises CompressionError for parameters in anything but single precision.
        """
        self._module = copy.deepcopy(module).cpu().eval().requires_grad_(False)
        self._name = name
        self._rate_hz = rate_hz
        self._operations = operations
        self._parameters_rule = parameters_rule
        self._weights = _weights_of(self._module)
        self._digest = _digest(self._weights, _buffers_of(self._module))

    @property
    def name(self) -> str:
        return self._name

    @property
    def rate_hz(self) -> int:
        return self._rate_hz

    @property
    def digest(self) -> str:
        return self._digest

    @property
    def weights(self) -> Weights:
        return self._weights

    @property
    def parameters(self) -> Parameters:
        return Parameters(count=count_weights(self._weights), rule=self._parameters_rule)

    def with_weights(self, weights: Weights) -> Self:
        """The same module with other parameters; buffers as they are. Raises CompressionError."""
        require_exchangeable(self._weights, weights)
        module = copy.deepcopy(self._module)
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(weights[name]).copy()))
        return type(self)(
            module,
            name=self._name,
            rate_hz=self._rate_hz,
            operations=self._operations,
            parameters_rule=self._parameters_rule,
        )

    def enhance(self, noisy: Signal) -> Signal:
        """See :class:`jndlab.compression.model.Model`. One thread: reproducible to the bit."""
        sound = torch.from_numpy(require_noisy(noisy).astype(np.float32)).unsqueeze(0)
        with torch.inference_mode(), _one_thread():
            output = self._output(sound)
        if not isinstance(output, torch.Tensor):
            raise CompressionError(
                f"{self._name} gives no tensor of samples, but this type: {type(output).__name__}.",
                "Wrap it in a module whose forward(noisy) returns the enhanced sound alone.",
            )
        return checked_output(output.float().numpy(), noisy.size, model=self._name)

    def operations(self, n_samples: int) -> Operations | None:
        """By the formula given, else counted while the module runs once on so much silence."""
        if self._operations is not None:
            return self._operations(n_samples)
        silence = torch.zeros(1, n_samples)
        with (
            torch.no_grad(),
            _one_thread(),
            _no_fused_kernels(),
            FlopCounterMode(display=False) as counter,
        ):
            self._output(silence)
        flops = counter.get_total_flops()
        if not flops:
            return None
        seconds = n_samples / self._rate_hz
        return Operations(macs=flops / 2, seconds=seconds, rule=OPERATIONS_RULE)

    def _output(self, sound: torch.Tensor) -> Any:
        """What the module gives; whatever it raises becomes a CompressionError with its words."""
        try:
            return self._module(sound)
        except CompressionError:
            raise
        except Exception as error:  # the module is not ours
            words = " ".join(str(error).split()) or "no words"
            raise CompressionError(
                f"{self._name} fails on a sound of the shape {tuple(sound.shape)}:"
                f" {type(error).__name__}: {words}",
                "Its forward(noisy) must take a float32 tensor (batch, n_samples) of any length"
                " and return one of that shape; wrap it in a module that does.",
            ) from error


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def _no_fused_kernels() -> Iterator[None]:
    """The processor's own recurrent kernels would hide their products from the counter."""
    before, *_ = torch.backends.mkldnn.set_flags(False)
    try:
        yield
    finally:
        torch.backends.mkldnn.set_flags(before)


def _weights_of(module: torch.nn.Module) -> Weights:
    weights: dict[str, NDArray[np.float32]] = {}
    for name, parameter in module.named_parameters():
        if parameter.dtype != torch.float32:
            raise CompressionError(
                f"The parameters {name!r} are {_short(parameter.dtype)}; only float32 can be"
                " compressed.",
                "Give the module in single precision: module.float().",
            )
        array = np.array(parameter.detach().numpy(), dtype=np.float32)
        array.flags.writeable = False
        weights[name] = array
    return weights


def _buffers_of(module: torch.nn.Module) -> Mapping[str, torch.Tensor]:
    return {name: buffer.detach().cpu() for name, buffer in module.named_buffers()}


def _digest(weights: Weights, buffers: Mapping[str, torch.Tensor]) -> str:
    """Over the weights; running means and other buffers are part of it where there are any."""
    if not buffers:
        return weights_digest(weights)
    digest = hashlib.sha256(weights_digest(weights).encode())
    for name, buffer in buffers.items():
        digest.update(f"{name}\0{_short(buffer.dtype)}\0{tuple(buffer.shape)}\0".encode())
        digest.update(buffer.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _short(kind: Any) -> str:
    return str(kind).removeprefix("torch.")
