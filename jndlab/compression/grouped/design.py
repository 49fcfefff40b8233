"""The grouped enhancer on paper: widths, names and shapes of its weights, size and cost.

Not published: our own enhancer (log magnitudes, dense, GRU, mask) with group communication. The
spectrum is cut into K bands of equal width, which share one encoder, GRUs and decoder; TAC lets the
bands talk before every GRU. With one band there is nobody to talk to, and no TAC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from jndlab.compression.checkpoints import Option
from jndlab.compression.counts import Operations
from jndlab.compression.enhancer.network import RATE_HZ
from jndlab.compression.enhancer.stft import Framing
from jndlab.compression.grouped.layers import gru, linear, norm, tac
from jndlab.errors import CompressionError

ARCHITECTURE = "groupcomm-gru"
OPERATIONS_RULE = "matrix products, one multiply-accumulate each; without STFT and activations"
TAC_FACTOR = 3
"""Hidden width of TAC, times that of the GRU (Luo et al. 2021)."""

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a grouped enhancer is built with. Raises CompressionError unless groups come out even.

    The lowest bin of the spectrum, which holds no speech, takes the mask of its neighbour; the
    other 256 of 257 split into 2, 4, 8 … bands.
    """

    groups: int
    width: int = 128
    layers: int = 2
    frame: int = 512
    hop: int = 256

    def __post_init__(self) -> None:
        if min(self.groups, self.width, self.layers) < 1:
            raise CompressionError(
                f"A grouped enhancer of {self.groups} groups, width {self.width} and "
                f"{self.layers} layers cannot be.",
                "Give whole numbers above 0.",
            )
        if self.width % self.groups or self.framing.n_bins - 1 - self.groups * self.band:
            raise CompressionError(
                f"{self.groups} groups do not divide a width of {self.width} and "
                f"{self.framing.n_bins - 1} bins evenly.",
                "Take a number of groups that divides both: 1, 2, 4, 8, 16 or 32.",
            )

    @property
    def framing(self) -> Framing:
        return Framing(self.frame, self.hop)

    @property
    def group_width(self) -> int:
        return self.width // self.groups

    @property
    def band(self) -> int:
        """Bins in each group."""
        return (self.framing.n_bins - 1) // self.groups

    @property
    def communicates(self) -> bool:
        return self.groups > 1

    @property
    def options(self) -> dict[str, Option]:
        """For a checkpoint."""
        return asdict(self)

    @property
    def n_parameters(self) -> int:
        """In closed form: 52 n² + 37 n + 390 for n = 128 / K with two layers and K > 1."""
        n, band = self.group_width, self.band
        layer = gru(n, n) + norm(n)
        if self.communicates:
            layer += tac(n, TAC_FACTOR * n, self.groups)
        own = self.groups * (n + band)  # where each band lies: band_embedding, bin_bias
        return own + (linear(band, n) + layer.times(self.layers) + linear(n, band)).parameters

    def operations(self, n_samples: int) -> Operations:
        """Multiply-accumulates of the matrix products, as for the plain enhancer."""
        n, hidden = self.group_width, TAC_FACTOR * self.group_width
        each = 2 * self.band * n + self.layers * 6 * n * n
        common = 0
        if self.communicates:
            each += self.layers * 3 * n * hidden
            common = self.layers * hidden * hidden
        return Operations(
            macs=(self.groups * each + common) * self.framing.n_frames(n_samples),
            seconds=n_samples / RATE_HZ,
            rule=OPERATIONS_RULE,
        )

    def shapes(self) -> Shapes:
        """Names and shapes of all weights, in order: those of the torch module."""
        n, band = self.group_width, self.band
        shapes: Shapes = {
            "band_embedding": (self.groups, n),
            "bin_bias": (self.groups, band),
            **_linear("encoder", band, n),
        }
        for layer in range(self.layers if self.communicates else 0):
            shapes |= _tac(f"communications.{layer}", n, TAC_FACTOR * n)
        for layer in range(self.layers):
            for kind in ("weight_ih", "weight_hh"):
                shapes[f"recurrent.{layer}.{kind}_l0"] = (3 * n, n)
            for kind in ("bias_ih", "bias_hh"):
                shapes[f"recurrent.{layer}.{kind}_l0"] = (3 * n,)
        for layer in range(self.layers):
            shapes |= {f"norms.{layer}.weight": (n,), f"norms.{layer}.bias": (n,)}
        return shapes | _linear("decoder", n, band)


def design_of(options: Mapping[str, Option]) -> Design:
    """From the options of a checkpoint. Raises CompressionError for any that cannot be."""
    known = {"groups", "width", "layers", "frame", "hop"}
    wrong = [
        key
        for key in sorted(known | set(options))
        if key not in known or type(options.get(key)) is not int
    ]
    if wrong:
        raise CompressionError(
            f"The checkpoint has no usable option {wrong[0]!r} for a {ARCHITECTURE} model: "
            f"{options.get(wrong[0])!r}.",
            f"Options are {', '.join(sorted(known))}: whole numbers above 0.",
        )
    return Design(**{key: int(options[key] or 0) for key in known})


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _tac(name: str, width: int, hidden: int) -> Shapes:
    shapes: Shapes = {}
    stages = {"transform": (width, hidden), "average": (hidden, hidden)}
    for stage, (inputs, outputs) in {**stages, "concatenate": (2 * hidden, width)}.items():
        shapes |= _linear(f"{name}.{stage}.0", inputs, outputs)
        shapes[f"{name}.{stage}.1.weight"] = (1,)
    return shapes | {f"{name}.norm.weight": (width,), f"{name}.norm.bias": (width,)}
