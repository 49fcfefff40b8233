"""Public names of jndlab.analysis and where they live: read by type checkers and at import."""

from jndlab.analysis.detection.convert import ParadigmProportion as ParadigmProportion
from jndlab.analysis.detection.convert import d_prime as d_prime
from jndlab.analysis.detection.convert import proportion_correct as proportion_correct
from jndlab.analysis.detection.convert import proportion_correct_at as proportion_correct_at
from jndlab.analysis.detection.estimate import DPrimeEstimate as DPrimeEstimate
from jndlab.analysis.detection.estimate import estimate_d_prime as estimate_d_prime
from jndlab.analysis.detection.rating import RatingFit as RatingFit
from jndlab.analysis.detection.rating import fit_rating_roc as fit_rating_roc
from jndlab.analysis.detection.roc import RocArea as RocArea
from jndlab.analysis.detection.roc import RocPoints as RocPoints
from jndlab.analysis.detection.roc import roc_area as roc_area
from jndlab.analysis.detection.roc import roc_points as roc_points
from jndlab.analysis.detection.same_different import (
    d_prime_same_different as d_prime_same_different,
)
from jndlab.analysis.detection.same_different_fit import (
    SameDifferentEstimate as SameDifferentEstimate,
)
from jndlab.analysis.detection.same_different_fit import (
    estimate_same_different as estimate_same_different,
)
from jndlab.analysis.detection.two_interval import TwoIntervalEstimate as TwoIntervalEstimate
from jndlab.analysis.detection.two_interval import d_prime_2afc_bias as d_prime_2afc_bias
from jndlab.analysis.detection.two_rates import corrected_rate as corrected_rate
from jndlab.analysis.detection.yes_no import YesNoEstimate as YesNoEstimate
from jndlab.analysis.detection.yes_no import d_prime_yes_no as d_prime_yes_no
from jndlab.analysis.fits.bootstrap import ListenerBootstrap as ListenerBootstrap
from jndlab.analysis.fits.bootstrap import bootstrap_listeners as bootstrap_listeners
from jndlab.analysis.fits.fit import PsychometricFit as PsychometricFit
from jndlab.analysis.fits.fit import Threshold as Threshold
from jndlab.analysis.fits.many import ConfidenceIntervals as ConfidenceIntervals
from jndlab.analysis.fits.many import PsychometricFits as PsychometricFits
from jndlab.analysis.fits.many import fit_many as fit_many
from jndlab.analysis.fits.psychometric import fit_psychometric as fit_psychometric
from jndlab.analysis.groups.fit import fit_group as fit_group
from jndlab.analysis.groups.result import GroupFit as GroupFit
from jndlab.analysis.inference.adjust import adjust_p_values as adjust_p_values
from jndlab.analysis.inference.binomial import BinomialTest as BinomialTest
from jndlab.analysis.inference.binomial import binomial_test as binomial_test
from jndlab.analysis.inference.equivalence import equivalence_test as equivalence_test
from jndlab.analysis.inference.equivalence_curve import EquivalenceCurve as EquivalenceCurve
from jndlab.analysis.inference.equivalence_curve import equivalence_curve as equivalence_curve
from jndlab.analysis.inference.equivalence_result import EquivalenceTest as EquivalenceTest
from jndlab.analysis.inference.equivalence_thresholds import (
    ThresholdEquivalence as ThresholdEquivalence,
)
from jndlab.analysis.inference.equivalence_thresholds import (
    equivalence_of_thresholds as equivalence_of_thresholds,
)
from jndlab.analysis.inference.region_of_equivalence import (
    RegionOfEquivalence as RegionOfEquivalence,
)
from jndlab.analysis.inference.region_of_equivalence import (
    region_of_equivalence as region_of_equivalence,
)
from jndlab.analysis.intervals import ConfidenceInterval as ConfidenceInterval
from jndlab.analysis.intervals import clopper_pearson as clopper_pearson
from jndlab.analysis.intervals import jeffreys as jeffreys
from jndlab.analysis.intervals import wilson as wilson
from jndlab.analysis.planning.exact import ExactPower as ExactPower
from jndlab.analysis.planning.exact import power_binomial as power_binomial
from jndlab.analysis.planning.exact import power_equivalence as power_equivalence
from jndlab.analysis.planning.listeners import CurveListeners as CurveListeners
from jndlab.analysis.planning.listeners import ProportionListeners as ProportionListeners
from jndlab.analysis.planning.plan import plan_study as plan_study
from jndlab.analysis.planning.plots import plot_power as plot_power
from jndlab.analysis.planning.results import PlanCell as PlanCell
from jndlab.analysis.planning.results import StudyPlan as StudyPlan
from jndlab.analysis.planning.sample_size import SampleSize as SampleSize
from jndlab.analysis.planning.sample_size import sample_size as sample_size
from jndlab.analysis.planning.simulation import Attrition as Attrition
from jndlab.analysis.planning.simulation import SimulatedStudy as SimulatedStudy
from jndlab.analysis.planning.widths import ExpectedWidth as ExpectedWidth
from jndlab.analysis.planning.widths import expected_width as expected_width
from jndlab.analysis.records import to_dict as to_dict
from jndlab.analysis.report.plots import figure_to_svg as figure_to_svg
from jndlab.analysis.report.plots import plot_listeners as plot_listeners
from jndlab.analysis.report.plots import plot_psychometric as plot_psychometric
from jndlab.analysis.report.render import headline as headline
from jndlab.analysis.report.render import render_report as render_report
from jndlab.analysis.study.analyse import analyse_study as analyse_study
from jndlab.analysis.study.data import TrialTable as TrialTable
from jndlab.analysis.study.data import load_trials as load_trials
from jndlab.analysis.study.exclusions import Exclusion as Exclusion
from jndlab.analysis.study.exclusions import LevelCount as LevelCount
from jndlab.analysis.study.exclusions import ListenerCounts as ListenerCounts
from jndlab.analysis.study.exclusions import counts as counts
from jndlab.analysis.study.exclusions import exclude as exclude
from jndlab.analysis.study.exclusions import listener_counts as listener_counts
from jndlab.analysis.study.options import AnalysisOptions as AnalysisOptions
from jndlab.analysis.study.results import CatchSummary as CatchSummary
from jndlab.analysis.study.results import ConditionAnalysis as ConditionAnalysis
from jndlab.analysis.study.results import Jnd as Jnd
from jndlab.analysis.study.results import LevelResult as LevelResult
from jndlab.analysis.study.results import ListenerResult as ListenerResult
from jndlab.analysis.study.results import SensitivityRow as SensitivityRow
from jndlab.analysis.study.results import StudyAnalysis as StudyAnalysis
