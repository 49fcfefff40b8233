"""The paradigms: intervals and orders, wording, possible responses, chance level.

A paradigm is one file of this folder with one :class:`Paradigm` called ``PARADIGM``, and one entry
of :data:`jndlab.study.trials.TASKS`; page, plan, scoring and simulation read it here.
"""

from jndlab.study.paradigms.paradigm import Order, Paradigm, Scale, Side
from jndlab.study.paradigms.registry import PARADIGMS, paradigm_of

__all__ = ["PARADIGMS", "Order", "Paradigm", "Scale", "Side", "paradigm_of"]
