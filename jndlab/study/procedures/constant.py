"""The method of constant stimuli: every level equally often, whatever is answered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """Which order and which item one trial of a cell gets, as indices."""

    order: int
    item: int


def cell_slots(
    n_trials: int, *, n_orders: int, n_items: int, cell: int, place: int
) -> Iterator[Slot]:
    """Orders and items for the trials of one cell (a level of a condition).

    Within the cell both are used as evenly as ``n_trials`` allows: counts differ by one at
    most. A pair of order and item comes back only after all reachable pairs were used. What
    is left over, and which item meets which order, rotates with the cell and with the
    session's place in the counterbalancing (from 1): ``n_orders * n_items`` places use every
    pair alike.
    """
    turn = place - 1
    period = math.lcm(n_orders, n_items)
    # Each place begins where the one before ended; after as many as it takes for the
    # same pairs to come back, the items move on by one against the orders.
    turns = math.lcm(n_orders, n_items // math.gcd(n_trials, n_items))
    order_offset = turn + cell
    item_offset = turn * n_trials + turn // turns + 2 * cell
    for trial in range(n_trials):
        yield Slot(
            order=(trial + trial // period + order_offset) % n_orders,
            item=(trial + item_offset) % n_items,
        )
