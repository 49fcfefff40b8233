"""Speed of multiplying by powers of two with an integer addition, beside float multiplication.

    OPENBLAS_NUM_THREADS=1 python benchmarks/integer_adder.py [--quick] [--json FILE]

Prints ratios: CPU time of the float product over CPU time of the addition, so that above 1 the
addition is faster.

* NumPy, a million terms: one array operation each, without the treatment of zeros and range;
* same loops: Numba kernels that differ in nothing but the operation (extra ``kernels``);
* BLAS: the product that one would really use, against the whole compiled addition with its test
  that no product leaves the range.

Every pair is first compared bit for bit (BLAS: within rounding). Times alternate and the median of
the ratios is printed with its quartiles. One thread for all: hence the variable. Seed 1; about
half a minute.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from printing import arguments, finish, show

from jndlab.compression.extras import require
from jndlab.compression.seofp.adder import addends, multiply_by_adding
from jndlab.compression.seofp.format import bits_of, round_fraction
from jndlab.compression.seofp.product import AddingProduct, product_in_order

SHAPES = (
    ("recurrent step, width 128", 1, 128, 384),
    ("recurrent step, width 512", 1, 512, 2048),
    ("dense, 250 frames", 250, 257, 128),
)
SEED = 1
SECONDS = 5e-3
"""Of CPU per measurement: long against the clock's resolution."""


def main() -> None:
    options = arguments(__doc__)
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        sys.exit("Set OPENBLAS_NUM_THREADS=1: the kernels have one thread, so BLAS may, too.")
    sys.path.pop(0)  # coverage.py lies beside this file, and Numba looks for the library
    require("numba")
    from jndlab.compression.seofp import kernels

    rounds = 15 if options.quick else 101
    adding, multiplying = kernels.CompiledAddingProduct(), kernels.CompiledFloatProduct()
    rows = [_terms(rounds)]
    for what, n, n_in, n_out in SHAPES:
        x, w = _material(n, n_in, n_out)
        wanted = product_in_order(x, w)
        for product in (AddingProduct(), adding, multiplying):
            assert np.array_equal(bits_of(product(x, w)), bits_of(wanted)), product
        assert np.abs(x @ w - wanted).max() < 1e-4 * np.abs(wanted).max()
        bits, ordered, out = x.view(np.int32), addends(w).view(np.int32), np.zeros_like(wanted)
        loops = _ratios(
            lambda x=x, w=w, out=out: kernels.multiply_rows(x, w, out),
            lambda x=bits, w=ordered, out=out: kernels.add_rows(x, w, out),
            rounds,
        )
        blas = _ratios(lambda x=x, w=w: x @ w, lambda x=x, w=w: adding(x, w), rounds)
        rows += [_row(what, "same loops", loops), _row(what, "BLAS", blas)]
    show(rows)
    print(
        "\nOutputs are equal to the last bit; against BLAS, which sums in another order, up to "
        "rounding of the sums.\nThe published 1.212x is of other code on another machine: nothing "
        "here confirms or refutes it."
    )
    finish(options, rows)


def _material(n: int, n_in: int, n_out: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(SEED)
    x = rng.standard_normal((n, n_in)).astype(np.float32)
    w = rng.normal(0, 0.1, (n_in, n_out)).astype(np.float32)
    return x, round_fraction(w, 0)


def _terms(rounds: int) -> dict[str, Any]:
    """A million terms as array operations, without the treatment of zeros and range."""
    rng = np.random.default_rng(SEED)
    x = rng.standard_normal(1_000_000).astype(np.float32)
    w = round_fraction(rng.normal(0, 0.1, 1_000_000).astype(np.float32), 0)
    bits, prepared = x.view(np.uint32), addends(w)
    floats, integers = np.empty_like(x), np.empty_like(bits)
    assert np.array_equal(bits_of(multiply_by_adding(x, w)), bits_of(x * w))
    assert np.array_equal(bits + prepared, bits_of(x * w))
    ratios = _ratios(
        lambda: np.multiply(x, w, out=floats),
        lambda: np.add(bits, prepared, out=integers),
        rounds,
    )
    return _row("a million terms, one array operation", "numpy multiply", ratios)


def _ratios(float_work: Callable[[], Any], adding_work: Callable[[], Any], rounds: int) -> Any:
    """Time of the first over time of the second, alternating."""
    repeats = max(1, round(SECONDS / _time(float_work, 3)))
    return np.array(
        [_time(float_work, repeats) / _time(adding_work, repeats) for _ in range(rounds)]
    )


def _time(work: Callable[[], Any], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats


def _row(what: str, against: str, ratios: Any) -> dict[str, Any]:
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return {
        "product": what,
        "float by": against,
        "float / addition": f"{middle:.2f}",
        "quartiles": f"{low:.2f} to {high:.2f}",
    }


if __name__ == "__main__":
    main()
