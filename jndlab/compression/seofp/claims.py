"""The published figures of SEOFP-NET and its predecessor, recomputed by closed formulas."""

from __future__ import annotations

from jndlab.compression.claim import Claim
from jndlab.compression.seofp.exponents import PowerRange

EOFP = "EOFP-QNN (Hsu et al. 2018)"
SEOFP = "SEOFP-NET (Lin et al. 2022)"

_KILOBYTE = 1024
FLOAT_BITS = 32
BINS = 257
"""Of a spectrum of 512 points: width of the BLSTM's input, layers and output."""


def lstm_parameters(n_in: int, width: int) -> int:
    """One direction of an LSTM layer: four gates, one bias per gate (PyTorch has two)."""
    return 4 * width * (n_in + width + 1)


def dense_parameters(n_in: int, n_out: int) -> int:
    """Weights and biases."""
    return n_in * n_out + n_out


def blstm_parameters() -> int:
    """Two bidirectional LSTM layers of 257, dense 300, dense 257.

    >>> blstm_parameters()
    2877929
    """
    layers = 2 * lstm_parameters(BINS, BINS) + 2 * lstm_parameters(2 * BINS, BINS)
    return layers + dense_parameters(2 * BINS, 300) + dense_parameters(300, BINS)


def fcn_parameters() -> int:
    """Ten convolutions of 30 filters of length 55, each with a batch norm of four numbers per
    filter, and one filter of length 55.

    >>> fcn_parameters()
    450301
    """
    filters, length, layers = 30, 55, 10
    first = (length + 1) * filters
    others = (layers - 1) * (filters * length + 1) * filters
    last = filters * length + 1
    return first + others + last + layers * 4 * filters


def kilobytes(count: int, bits: int) -> float:
    """Size of so many weights of so many bits, in KB of 1024 bytes."""
    return count * bits / 8 / _KILOBYTE


BLSTM_RANGE, FCN_RANGE = PowerRange(-23, 0), PowerRange(-26, 10)
"""Exponents of the trained models, as published."""


def claims() -> tuple[Claim, ...]:
    """All of them."""
    return (*_counts(), *_sizes(), *_ratios(), *_unknown())


def _counts() -> tuple[Claim, ...]:
    return (
        Claim(
            paper=EOFP,
            quantity="parameters of the BLSTM",
            claimed="2,877,929",
            recomputed=f"{blstm_parameters():,}",
            rule="2·4·257·(257+257+1) + 2·4·257·(514+257+1) + 514·300+300 + 300·257+257;"
            " one bias per gate",
            status="exact",
        ),
        Claim(
            paper=EOFP,
            quantity="parameters of the FCN",
            claimed="450,301",
            recomputed=f"{fcn_parameters():,}",
            rule="(55+1)·30 + 9·(30·55+1)·30 + (30·55+1), and ten batch norms of 4·30",
            status="exact",
        ),
    )


def _sizes() -> tuple[Claim, ...]:
    blstm, fcn = blstm_parameters(), fcn_parameters()
    blstm_bits, fcn_bits = 1 + BLSTM_RANGE.code_bits, 1 + FCN_RANGE.code_bits
    table = (
        ("BLSTM in single precision", "11,242 KB", blstm, FLOAT_BITS, ""),
        ("FCN in single precision", "1,759 KB", fcn, FLOAT_BITS, ""),
        ("BLSTM at sign and exponent", "3,162 KB", blstm, 9, ""),
        ("FCN at sign and exponent", "495 KB", fcn, 9, ""),
        ("BLSTM after the exponent stage", "2,108 KB", blstm, blstm_bits, _length(BLSTM_RANGE)),
        ("FCN after the exponent stage", "385 KB", fcn, fcn_bits, _length(FCN_RANGE)),
    )
    return tuple(
        Claim(
            paper=EOFP,
            quantity=f"size of the {what}",
            claimed=claimed,
            recomputed=f"{kilobytes(count, bits):,.0f} KB",
            rule=f"{count:,} · {bits} bits / 8 / 1024{why}",
            status="exact",
        )
        for what, claimed, count, bits, why in table
    )


def _length(powers: PowerRange) -> str:
    return (
        f"; exponents {powers.lowest} to {powers.highest} as published, 1 sign + "
        f"ceil(log2({powers.highest - powers.lowest + 2})) = {powers.code_bits} bits"
    )


def _ratios() -> tuple[Claim, ...]:
    blstm = [round(kilobytes(blstm_parameters(), bits)) for bits in (6, FLOAT_BITS)]
    fcn = [round(kilobytes(fcn_parameters(), bits)) for bits in (7, FLOAT_BITS)]
    return (
        Claim(
            paper=EOFP,
            quantity="BLSTM's size relative to single precision",
            claimed="18.75 %",
            recomputed=f"{100 * blstm[0] / blstm[1]:.2f} %",
            rule="2,108 KB / 11,242 KB; 6 of 32 bits",
            status="exact",
        ),
        Claim(
            paper=EOFP,
            quantity="FCN's size relative to single precision",
            claimed="21.89 %",
            recomputed=f"{100 * fcn[0] / fcn[1]:.2f} %",
            rule="385 KB / 1,759 KB, both in whole KB as printed; 7 of 32 bits are 21.875 %",
            status="exact",
        ),
        Claim(
            paper=SEOFP,
            quantity="reduction of the model's size, up to",
            claimed="81.249 %",
            recomputed=f"{100 * (1 - blstm[0] / blstm[1]):.3f} %",
            rule="1 − 2,108 KB / 11,242 KB, both rounded to whole KB: the predecessor's BLSTM at"
            " 6 bits per parameter; 1 − 6/32 is 81.250 %",
            status="exact",
        ),
    )


def _unknown() -> tuple[Claim, ...]:
    study = (
        "number of listeners",
        "stimuli and trials",
        "task (same/different, ABX, 2AFC or another)",
        "statistic and numeric result",
    )
    return (
        Claim(
            paper=SEOFP,
            quantity="acceleration of inference",
            claimed="1.212x",
            recomputed="",
            rule="a timing of the authors' own inference code, whose language, processor and model"
            " we could not find; benchmarks/integer_adder.py prints ratios of ours",
            status="uncheckable",
        ),
        *(
            Claim(
                paper=SEOFP,
                quantity=f"user study on the just-noticeable difference: {what}",
                claimed="",
                recomputed="",
                rule="the abstract says that listeners could not easily tell baseline from SEOFP;"
                " nothing else of the study was in anything we could read",
                status="not found",
            )
            for what in study
        ),
        Claim(
            paper=SEOFP,
            quantity="how its training rule differs from EOFP-QNN's",
            claimed="",
            recomputed="",
            rule="the abstract says that fraction bits are quantised during training; we train with"
            " EOFP-QNN's projection at the end of each epoch",
            status="not found",
        ),
    )
