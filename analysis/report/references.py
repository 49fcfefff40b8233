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
    "hacker": Reference(
        "Hacker & Ratcliff (1979). A revised table of d′ for M-alternative forced choice.",
        "Perception & Psychophysics",
        "26, 168–170.",
    ),
    "ennis": Reference(
        "Ennis (1993). The power of sensory discrimination methods.",
        "Journal of Sensory Studies",
        "8, 353–370.",
    ),
    "ennis_tetrad": Reference(
        "Ennis, Ennis, Yip & O'Mahony (1998). Thurstonian models for variants of the method of "
        "tetrads.",
        "British Journal of Mathematical and Statistical Psychology",
        "51, 205–215.",
    ),
    "levitt": Reference(
        "Levitt (1971). Transformed up-down methods in psychoacoustics.",
        "Journal of the Acoustical Society of America",
        "49, 467–477.",
    ),
    "kaernbach": Reference(
        "Kaernbach (1991). Simple adaptive testing with the weighted up-down method.",
        "Perception & Psychophysics",
        "49, 227–229.",
    ),
    "kaernbach_slope": Reference(
        "Kaernbach (2001). Slope bias of psychometric functions derived from adaptive data.",
        "Perception & Psychophysics",
        "63, 1389–1398.",
    ),
    "watson": Reference(
        "Watson (2017). QUEST+: a general multidimensional Bayesian adaptive psychometric method.",
        "Journal of Vision",
        "17(3), 10.",
    ),
    "kontsevich": Reference(
        "Kontsevich & Tyler (1999). Bayesian adaptive estimation of psychometric slope and "
        "threshold.",
        "Vision Research",
        "39, 2729–2737.",
    ),
    "hautus_correction": Reference(
        "Hautus (1995). Corrections for extreme proportions and their biasing effects on estimated "
        "values of d′.",
        "Behavior Research Methods, Instruments, & Computers",
        "27, 46–51.",
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
    "p800": Reference(
        "ITU-T (1996). Recommendation P.800:",
        "Methods for subjective determination of transmission quality.",
        "Geneva.",
    ),
    "p808": Reference(
        "ITU-T (2021). Recommendation P.808:",
        "Subjective evaluation of speech quality with a crowdsourcing approach.",
        "Geneva.",
    ),
    "bs1534": Reference(
        "ITU-R (2015). Recommendation BS.1534-3:",
        "Method for the subjective assessment of intermediate quality level of audio systems.",
        "Geneva.",
    ),
    "bs1116": Reference(
        "ITU-R (2015). Recommendation BS.1116-3:",
        "Methods for the subjective assessment of small impairments in audio systems.",
        "Geneva.",
    ),
    "efron": Reference(
        "Efron (1987). Better bootstrap confidence intervals.",
        "Journal of the American Statistical Association",
        "82, 171–185.",
    ),
    "brockhoff": Reference(
        "Brockhoff (2003). The statistical power of replications in difference tests.",
        "Food Quality and Preference",
        "14, 405–417.",
    ),
    "phipson": Reference(
        "Phipson & Smyth (2010). Permutation p-values should never be zero.",
        "Statistical Applications in Genetics and Molecular Biology",
        "9, 39.",
    ),
    "thurstone": Reference(
        "Thurstone (1927). A law of comparative judgment.", "Psychological Review", "34, 273–286."
    ),
    "bradley": Reference(
        "Bradley & Terry (1952). Rank analysis of incomplete block designs: I. The method of "
        "paired comparisons.",
        "Biometrika",
        "39, 324–345.",
    ),
    "christensen": Reference(
        "Christensen & Brockhoff (2013). Analysis of sensory ratings data with cumulative link "
        "models.",
        "Journal de la Société Française de Statistique",
        "154 (3), 58–79.",
    ),
    "agresti": Reference(
        "Agresti (1992). Analysis of ordinal paired comparison data.",
        "Applied Statistics",
        "41, 287–297.",
    ),
    "liang": Reference(
        "Liang & Zeger (1986). Longitudinal data analysis using generalized linear models.",
        "Biometrika",
        "73, 13–22.",
    ),
    "shrout": Reference(
        "Shrout & Fleiss (1979). Intraclass correlations: uses in assessing rater reliability.",
        "Psychological Bulletin",
        "86, 420–428.",
    ),
}
