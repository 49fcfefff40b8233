"""Roots by a table and Newton: right where the curve is steep, flat, or beyond the table."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.detection.inverse import solve_rising, tabulate


def cubic(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x**3 + x, 3 * x**2 + 1


def test_roots_inside_the_table() -> None:
    roots = np.linspace(-4.9, 4.9, 301)
    table = tabulate(cubic, np.linspace(-5, 5, 21))
    found = solve_rising(cubic, cubic(roots)[0], table)
    np.testing.assert_allclose(found, roots, atol=1e-13)


def test_a_root_on_a_node_is_the_node() -> None:
    table = tabulate(cubic, np.linspace(-5, 5, 11))
    np.testing.assert_array_equal(solve_rising(cubic, table.values, table), table.nodes)


def test_targets_beyond_the_table_are_sought_beyond_it() -> None:
    table = tabulate(cubic, np.linspace(-1, 1, 21))
    found = solve_rising(cubic, cubic(np.array([-1.2, 1.2]))[0], table)
    np.testing.assert_allclose(found, [-1.2, 1.2], atol=1e-6)
