"""The works that the methods section cites."""

from __future__ import annotations

from typing import NamedTuple


class Reference(NamedTuple):
    """One work: what comes before the title of the journal or book, the title, the rest."""

    before: str
    title: str
    after: str


BIBLIOGRAPHY = {
    "schuett": Reference(
        "Schütt, Harmeling, Macke & Wichmann (2016). Painfree and accurate Bayesian estimation of "
        "psychometric functions for (potentially) overdispersed data.",
        "Vision Research",
        "122, 105–123.",
    ),
    "wichmann": Reference(
        "Wichmann & Hill (2001). The psychometric function: I. Fitting, sampling, and goodness of "
        "fit.",
        "Perception & Psychophysics",
        "63, 1293–1313.",
    ),
    "davison": Reference(
        "Davison & Hinkley (1997).",
        "Bootstrap Methods and their Application.",
        "Cambridge University Press.",
    ),
    "moscatelli": Reference(
        "Moscatelli, Mezzetti & Lacquaniti (2012). Modeling psychophysical data at the "
        "population-level: the generalized linear mixed model.",
        "Journal of Vision",
        "12(11), 26.",
    ),
    "macmillan": Reference(
        "Macmillan & Creelman (2005).",
        "Detection Theory: A User's Guide,",
        "2nd edition. Erlbaum.",
    ),
    "hautus": Reference(
        "Hautus & Meng (2002). Decision strategies in the ABX (matching-to-sample) psychophysical "
        "task.",
        "Perception & Psychophysics",
        "64, 89–106.",
    ),
    "clopper": Reference(
        "Clopper & Pearson (1934). The use of confidence or fiducial limits illustrated in the "
        "case of the binomial.",
        "Biometrika",
        "26, 404–413.",
    ),
    "holm": Reference(
        "Holm (1979). A simple sequentially rejective multiple test procedure.",
        "Scandinavian Journal of Statistics",
        "6, 65–70.",
    ),
    "schuirmann": Reference(
        "Schuirmann (1987). A comparison of the two one-sided tests procedure and the power "
        "approach for assessing the equivalence of average bioavailability.",
        "Journal of Pharmacokinetics and Biopharmaceutics",
        "15, 657–680.",
    ),
}
