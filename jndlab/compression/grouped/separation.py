"""The published separators: DPRNN-TasNet plain and with GroupComm, and GC3's. Imports torch.

All have a learnt filter bank of 128 filters over 2 ms and masks for two talkers (Luo, Han &
Mesgarani 2021). They are here to be counted, and to be trained where there is a GPU.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from jndlab.compression.grouped.counting import (
    BLOCK,
    BOTTLENECK,
    CONTEXT,
    FILTERS,
    GROUPS,
    HIDDEN,
    PLAIN_HIDDEN,
    SPEAKERS,
    WINDOW,
    padding_of,
)
from jndlab.compression.grouped.segments import join_segments, split_segments
from jndlab.compression.grouped.sequence import (
    DualPath,
    GroupedBlstm,
    GroupedTcn,
    blstm_across_groups,
    no_communication,
    tac,
)


class TasNet(nn.Module):
    """Learnt filter bank, a separator that gives masks, and the filter bank back."""

    def __init__(self, separator: nn.Module) -> None:
        """``separator``: (batch, FILTERS, frames) to (batch, SPEAKERS, FILTERS, frames)."""
        super().__init__()
        self.encoder = nn.Conv1d(1, FILTERS, WINDOW, stride=WINDOW // 2, bias=False)
        self.norm = nn.GroupNorm(1, FILTERS)
        self.separator = separator
        self.decoder = nn.ConvTranspose1d(FILTERS, 1, WINDOW, stride=WINDOW // 2, bias=False)

    def forward(self, mixture: Tensor) -> Tensor:
        """Shape (batch, n_samples) to (batch, SPEAKERS, n_samples)."""
        batch, n_samples = mixture.shape
        half = WINDOW // 2
        padded = nn.functional.pad(mixture, (half, padding_of(n_samples, WINDOW) + half))
        filtered = self.encoder(padded.unsqueeze(1))
        masks: Tensor = self.separator(self.norm(filtered))
        parts = (masks * filtered.unsqueeze(1)).flatten(0, 1)
        sounds: Tensor = self.decoder(parts)
        return sounds[:, 0, half : half + n_samples].view(batch, SPEAKERS, n_samples)


class PlainSeparator(nn.Module):
    """Bottleneck, dual path, masks: the reference that the grouped ones are compared with."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(FILTERS, BOTTLENECK, 1)
        self.sequence = DualPath(
            BOTTLENECK,
            PLAIN_HIDDEN,
            layers=layers,
            block_size=BLOCK,
            communication=no_communication,
            output=True,
        )
        self.mask = nn.Sequential(nn.Conv1d(BOTTLENECK, SPEAKERS * FILTERS, 1), nn.ReLU())

    def forward(self, features: Tensor) -> Tensor:
        """See :class:`TasNet`."""
        narrow = self.sequence(self.bottleneck(features).unsqueeze(1))
        masks: Tensor = self.mask(narrow.squeeze(1))
        return masks.view(len(features), SPEAKERS, FILTERS, -1)


class GroupedSeparator(nn.Module):
    """Splits the features into groups, and predicts each group's masks by one shared layer."""

    def __init__(self, groups: int, sequence: nn.Module) -> None:
        """``sequence``: (batch, groups, FILTERS / groups, frames), in and out."""
        super().__init__()
        self.groups = groups
        self.sequence = sequence
        width = FILTERS // groups
        self.mask = nn.Sequential(nn.Conv1d(width, SPEAKERS * width, 1), nn.ReLU())

    def forward(self, features: Tensor) -> Tensor:
        """See :class:`TasNet`."""
        batch, _, frames = features.shape
        modelled = self.sequence(features.view(batch, self.groups, -1, frames))
        masks: Tensor = self.mask(modelled.flatten(0, 1))
        split = masks.view(batch, self.groups, SPEAKERS, FILTERS // self.groups, frames)
        return split.transpose(1, 2).reshape(batch, SPEAKERS, FILTERS, frames)


class ContextCodec(nn.Module):
    """GC3: a sequence model sees one frame for every block of 32; both ends are grouped BLSTMs."""

    def __init__(self, groups: int, core: nn.Module, *, context: int = CONTEXT) -> None:
        super().__init__()
        width, hidden = FILTERS // groups, HIDDEN // groups
        self.context = context
        self.encoder = GroupedBlstm(width, hidden, layers=2)
        self.core = core
        self.decoder = GroupedBlstm(width, hidden, layers=2)

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        batch, groups, width, n_frames = features.shape
        blocks = split_segments(features.flatten(1, 2), self.context)
        number = blocks.shape[-1]
        alone = blocks.permute(0, 3, 1, 2).reshape(batch * number, groups, width, self.context)
        means = self.encoder(alone).mean(-1).view(batch, number, groups, width)
        modelled = self.core(means.permute(0, 2, 3, 1))
        given_back = modelled.permute(0, 3, 1, 2).reshape(batch * number, groups, width, 1)
        decoded = self.decoder(alone + given_back)
        segments = decoded.view(batch, number, groups * width, self.context).permute(0, 2, 3, 1)
        return join_segments(segments, n_frames).view(batch, groups, width, n_frames)


def dprnn_tasnet(layers: int = 6) -> TasNet:
    """Plain DPRNN-TasNet, 2,620,288 parameters."""
    return TasNet(PlainSeparator(layers))


def groupcomm_dprnn(groups: int = GROUPS, layers: int = 6) -> TasNet:
    """GroupComm DPRNN of ICASSP 2021: 73,536 parameters with 16 groups."""
    sequence = DualPath(
        FILTERS // groups,
        HIDDEN // groups,
        layers=layers,
        block_size=BLOCK,
        communication=blstm_across_groups,
        output=False,
    )
    return TasNet(GroupedSeparator(groups, sequence))


def gc3_tasnet(
    core: Literal["dprnn", "tcn"], *, groups: int = GROUPS, layers: int = 6, context: int = CONTEXT
) -> TasNet:
    """GC3: with TCN 191,168 parameters; with DPRNN 102,182 (6 layers) or 123,772 (8)."""
    width, hidden = FILTERS // groups, HIDDEN // groups
    sequence: nn.Module
    if core == "tcn":
        sequence = GroupedTcn(width, 4 * width, layers=layers, stacks=2)
    else:
        sequence = DualPath(
            width, hidden, layers=layers, block_size=BLOCK, communication=tac, output=True
        )
    return TasNet(GroupedSeparator(groups, ContextCodec(groups, sequence, context=context)))
