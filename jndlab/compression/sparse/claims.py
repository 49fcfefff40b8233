"""What is published about pruning and clustering of speech enhancers, and what can be recomputed.

Of Tan & Wang (2021) only the abstracts could be read: their claims have no figures that a formula
could be held against, and the pipeline here is a reconstruction. The table of sizes is the formula.
"""

from __future__ import annotations

from jndlab.compression.claim import Claim, Status
from jndlab.compression.sparse.accounting import MaskRule, bits_per_weight, times_smaller

_TAN_WANG = "Tan & Wang (ICASSP 2021; TASLP 29, 2021)"
_WU = "Wu et al. (SPL 2019), closest relative with figures"
_SIZES = "Size of pruned and clustered weights"

SIZE_TABLE: tuple[tuple[float, int, str, str, str, str], ...] = (
    (0.0, 16, "4.00", "8.0", "4.00", "8.0"),
    (0.5, 16, "3.00", "10.7", "3.00", "10.7"),
    (0.8, 16, "1.80", "17.8", "1.52", "21.0"),
    (0.9, 16, "1.40", "22.9", "0.87", "36.8"),
    (0.95, 16, "1.20", "26.7", "0.49", "65.8"),
)
"""Sparsity, K; bits per weight and times smaller with a plain mask, and with its entropy."""

_RULES: dict[MaskRule, str] = {
    "plain": "1 (none at s = 0) + (1 − s) · log2 K bits per weight of a matrix, codebook apart",
    "entropy": "H(s) + (1 − s) · log2 K bits per weight of a matrix, codebook apart",
}


def claims() -> tuple[Claim, ...]:
    """The size table row by row, then what the papers say."""
    return (*_size_claims(), *_stated(), *_relative())


def _size_claims() -> tuple[Claim, ...]:
    found = []
    for sparsity, k, plain, plain_times, coded, coded_times in SIZE_TABLE:
        rows: tuple[tuple[MaskRule, str, str], ...] = (
            ("plain", plain, plain_times),
            ("entropy", coded, coded_times),
        )
        for mask, bits, times in rows:
            value = bits_per_weight(sparsity, k, mask)
            claimed = f"{bits} bits per weight, {times}x"
            recomputed = f"{value:.2f} bits per weight, {times_smaller(value):.1f}x"
            found.append(
                Claim(
                    paper=_SIZES,
                    quantity=f"sparsity {sparsity:g}, {k} clusters, {mask} mask",
                    claimed=claimed,
                    recomputed=recomputed,
                    rule=_RULES[mask],
                    status="exact" if claimed == recomputed else "differs",
                )
            )
    return tuple(found)


def _stated() -> tuple[Claim, ...]:
    abstract = "stated in the abstract without a figure"
    unread = "not in any text that could be read; no code was released"
    rows: tuple[tuple[str, str, str, Status], ...] = (
        (
            "size of several networks",
            "substantially smaller without significant loss",
            abstract,
            "uncheckable",
        ),
        (
            "a large network compressed, against a small one of that size trained",
            "higher STOI and PESQ",
            abstract,
            "uncheckable",
        ),
        ("compressed sizes and ratios", "", unread, "not found"),
        ("STOI and PESQ of the compressed models", "", unread, "not found"),
        ("layer sizes, data sets and signal-to-noise ratios", "", unread, "not found"),
        ("λ1, λ2, groups, tolerance α, K, schedules, stop rules", "", unread, "not found"),
    )
    return tuple(
        Claim(
            paper=_TAN_WANG,
            quantity=quantity,
            claimed=claimed,
            recomputed="",
            rule=rule,
            status=status,
        )
        for quantity, claimed, rule, status in rows
    )


def _relative() -> tuple[Claim, ...]:
    rule = "channel pruning + k-means sharing on an FCN, from the abstract; layers not found"
    rows = (
        ("size of the compressed FCN", "10.03 % of the original", f"{1 / 0.1003:.2f}x smaller"),
        ("STOI before and after", "0.70, 0.69", ""),
        ("PESQ before and after", "1.85, 1.79", ""),
    )
    return tuple(
        Claim(
            paper=_WU,
            quantity=quantity,
            claimed=claimed,
            recomputed=recomputed,
            rule=rule,
            status="uncheckable",
        )
        for quantity, claimed, recomputed in rows
    )
