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
from jndlab.analysis.fits.draws import ParameterDraws as ParameterDraws
from jndlab.analysis.fits.draws import posterior_draws as posterior_draws
from jndlab.analysis.fits.draws import prior_draws as prior_draws
from jndlab.analysis.fits.fit import PsychometricFit as PsychometricFit
from jndlab.analysis.fits.fit import Threshold as Threshold
from jndlab.analysis.fits.goodness import GoodnessOfFit as GoodnessOfFit
from jndlab.analysis.fits.goodness import goodness_of_fit as goodness_of_fit
from jndlab.analysis.fits.influential import InfluentialData as InfluentialData
from jndlab.analysis.fits.influential import influential_data as influential_data
from jndlab.analysis.fits.many import ConfidenceIntervals as ConfidenceIntervals
from jndlab.analysis.fits.many import PsychometricFits as PsychometricFits
from jndlab.analysis.fits.many import fit_many as fit_many
from jndlab.analysis.fits.predictive import PredictiveCheck as PredictiveCheck
from jndlab.analysis.fits.predictive import posterior_predictive as posterior_predictive
from jndlab.analysis.fits.predictive import prior_predictive as prior_predictive
from jndlab.analysis.fits.psychometric import fit_psychometric as fit_psychometric
from jndlab.analysis.fits.resampling import BootstrapFit as BootstrapFit
from jndlab.analysis.fits.resampling import bootstrap_fit as bootstrap_fit
from jndlab.analysis.fits.residuals import ResidualTrends as ResidualTrends
from jndlab.analysis.fits.residuals import deviance_residuals as deviance_residuals
from jndlab.analysis.fits.residuals import residual_trends as residual_trends
from jndlab.analysis.groups.compare import compare_conditions as compare_conditions
from jndlab.analysis.groups.comparison import ConditionComparison as ConditionComparison
from jndlab.analysis.groups.fit import fit_group as fit_group
from jndlab.analysis.groups.meta import MetaAnalysis as MetaAnalysis
from jndlab.analysis.groups.meta import meta_analyse as meta_analyse
from jndlab.analysis.groups.posterior import fit_group_posterior as fit_group_posterior
from jndlab.analysis.groups.posterior_result import GroupPosterior as GroupPosterior
from jndlab.analysis.groups.result import GroupFit as GroupFit
from jndlab.analysis.groups.two_step import TwoStepThreshold as TwoStepThreshold
from jndlab.analysis.groups.two_step import two_step_threshold as two_step_threshold
from jndlab.analysis.inference.adjust import adjust_p_values as adjust_p_values
from jndlab.analysis.inference.bayes import BayesFactor as BayesFactor
from jndlab.analysis.inference.bayes import BayesFactorSensitivity as BayesFactorSensitivity
from jndlab.analysis.inference.bayes import bayes_factor_binomial as bayes_factor_binomial
from jndlab.analysis.inference.bayes import bayes_factor_sensitivity as bayes_factor_sensitivity
from jndlab.analysis.inference.beta_binomial import fit_beta_binomial as fit_beta_binomial
from jndlab.analysis.inference.beta_binomial_result import BetaBinomialFit as BetaBinomialFit
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
from jndlab.analysis.inference.max_t import MaxTTest as MaxTTest
from jndlab.analysis.inference.max_t import max_t_test as max_t_test
from jndlab.analysis.inference.max_t import max_t_test_conditions as max_t_test_conditions
from jndlab.analysis.inference.permutation import (
    permutation_test_listeners as permutation_test_listeners,
)
from jndlab.analysis.inference.permutation_conditions import (
    permutation_test_conditions as permutation_test_conditions,
)
from jndlab.analysis.inference.permutation_result import PermutationTest as PermutationTest
from jndlab.analysis.inference.proportions import mid_p_interval as mid_p_interval
from jndlab.analysis.inference.proportions import proportion_interval as proportion_interval
from jndlab.analysis.inference.region_of_equivalence import (
    RegionOfEquivalence as RegionOfEquivalence,
)
from jndlab.analysis.inference.region_of_equivalence import (
    region_of_equivalence as region_of_equivalence,
)
from jndlab.analysis.inference.sequential_confidence import ConfidenceSequence as ConfidenceSequence
from jndlab.analysis.inference.sequential_confidence import (
    confidence_sequence as confidence_sequence,
)
from jndlab.analysis.inference.sequential_confidence import (
    confidence_sequence_listeners as confidence_sequence_listeners,
)
from jndlab.analysis.inference.sequential_decision import (
    GroupSequentialDecision as GroupSequentialDecision,
)
from jndlab.analysis.inference.sequential_decision import (
    decide_group_sequential as decide_group_sequential,
)
from jndlab.analysis.inference.sequential_equivalence import (
    SequentialEquivalence as SequentialEquivalence,
)
from jndlab.analysis.inference.sequential_equivalence import (
    sequential_equivalence as sequential_equivalence,
)
from jndlab.analysis.inference.sequential_equivalence import (
    sequential_equivalence_listeners as sequential_equivalence_listeners,
)
from jndlab.analysis.inference.sequential_evalues import EValueTest as EValueTest
from jndlab.analysis.inference.sequential_evalues import e_value_binomial as e_value_binomial
from jndlab.analysis.inference.sequential_evalues import e_value_listeners as e_value_listeners
from jndlab.analysis.inference.sequential_evidence import SequentialHistory as SequentialHistory
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential as plan_group_sequential,
)
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential_equivalence as plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan as GroupSequentialPlan
from jndlab.analysis.inference.sequential_plots import (
    plot_confidence_sequence as plot_confidence_sequence,
)
from jndlab.analysis.inference.sequential_plots import plot_e_values as plot_e_values
from jndlab.analysis.inference.sequential_plots import (
    plot_group_sequential as plot_group_sequential,
)
from jndlab.analysis.inference.sequential_power import GroupSequentialPower as GroupSequentialPower
from jndlab.analysis.inference.sequential_power import (
    group_sequential_power as group_sequential_power,
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
from jndlab.analysis.planning.simulation import Simulate as Simulate
from jndlab.analysis.planning.simulation import SimulatedStudy as SimulatedStudy
from jndlab.analysis.planning.widths import ExpectedWidth as ExpectedWidth
from jndlab.analysis.planning.widths import expected_width as expected_width
from jndlab.analysis.planning.wording import describe_assumptions as describe_assumptions
from jndlab.analysis.planning.wording import describe_plan as describe_plan
from jndlab.analysis.quality.analyse import analyse_quality as analyse_quality
from jndlab.analysis.quality.ordinal import OrdinalFit as OrdinalFit
from jndlab.analysis.quality.ordinal import fit_ordinal as fit_ordinal
from jndlab.analysis.quality.results import QualityAnalysis as QualityAnalysis
from jndlab.analysis.quality.scale_values import ScaleValues as ScaleValues
from jndlab.analysis.quality.scale_values import fit_scale_values as fit_scale_values
from jndlab.analysis.quality.votes import Votes as Votes
from jndlab.analysis.quality.votes import read_votes as read_votes
from jndlab.analysis.records import to_dict as to_dict
from jndlab.analysis.report.chapters import headlines as headlines
from jndlab.analysis.report.chapters import render_parts as render_parts
from jndlab.analysis.report.counts_page import counts_files as counts_files
from jndlab.analysis.report.counts_page import render_counts as render_counts
from jndlab.analysis.report.counts_report import CountsReport as CountsReport
from jndlab.analysis.report.counts_report import report_counts as report_counts
from jndlab.analysis.report.detection_page import render_detection as render_detection
from jndlab.analysis.report.equivalence_plot import plot_equivalence as plot_equivalence
from jndlab.analysis.report.files import part_files as part_files
from jndlab.analysis.report.files import report_files as report_files
from jndlab.analysis.report.flow_plot import plot_flow as plot_flow
from jndlab.analysis.report.foreign_report import analyse_foreign_trials as analyse_foreign_trials
from jndlab.analysis.report.foreign_report import foreign_procedure as foreign_procedure
from jndlab.analysis.report.forest_plot import plot_listeners as plot_listeners
from jndlab.analysis.report.pdf import render_pdf as render_pdf
from jndlab.analysis.report.plots import figure_to_svg as figure_to_svg
from jndlab.analysis.report.plots import plot_psychometric as plot_psychometric
from jndlab.analysis.report.quality_page import render_quality as render_quality
from jndlab.analysis.report.render import departures as departures
from jndlab.analysis.report.render import render_report as render_report
from jndlab.analysis.report.wording import headline as headline
from jndlab.analysis.study.adaptive import AdaptiveResult as AdaptiveResult
from jndlab.analysis.study.analyse import analyse_study as analyse_study
from jndlab.analysis.study.by_measure import PartAnalysis as PartAnalysis
from jndlab.analysis.study.by_measure import analyse_parts as analyse_parts
from jndlab.analysis.study.conduct import SessionConduct as SessionConduct
from jndlab.analysis.study.counts_analysis import analyse_counts as analyse_counts
from jndlab.analysis.study.counts_file import load_counts as load_counts
from jndlab.analysis.study.counts_table import CountsTable as CountsTable
from jndlab.analysis.study.data import TrialTable as TrialTable
from jndlab.analysis.study.data import load_trials as load_trials
from jndlab.analysis.study.data_checks import DataChecks as DataChecks
from jndlab.analysis.study.data_checks import check_data as check_data
from jndlab.analysis.study.detection import analyse_detection as analyse_detection
from jndlab.analysis.study.detection_results import DetectionAnalysis as DetectionAnalysis
from jndlab.analysis.study.detection_results import DetectionCondition as DetectionCondition
from jndlab.analysis.study.detection_results import DetectionLevel as DetectionLevel
from jndlab.analysis.study.exclusion_rules import ExclusionRules as ExclusionRules
from jndlab.analysis.study.exclusions import Exclusion as Exclusion
from jndlab.analysis.study.exclusions import LevelCount as LevelCount
from jndlab.analysis.study.exclusions import ListenerCounts as ListenerCounts
from jndlab.analysis.study.exclusions import counts as counts
from jndlab.analysis.study.exclusions import exclude as exclude
from jndlab.analysis.study.exclusions import listener_counts as listener_counts
from jndlab.analysis.study.flow import ParticipantFlow as ParticipantFlow
from jndlab.analysis.study.flow import participant_flow as participant_flow
from jndlab.analysis.study.foreign_columns import guess_columns as guess_columns
from jndlab.analysis.study.foreign_trials import ForeignTrials as ForeignTrials
from jndlab.analysis.study.foreign_trials import load_foreign_trials as load_foreign_trials
from jndlab.analysis.study.headroom import Headroom as Headroom
from jndlab.analysis.study.headroom import headroom as headroom
from jndlab.analysis.study.manifest import load_model_facts as load_model_facts
from jndlab.analysis.study.model_card import ModelCard as ModelCard
from jndlab.analysis.study.model_card import ModelVersion as ModelVersion
from jndlab.analysis.study.model_card import model_card as model_card
from jndlab.analysis.study.model_facts import ModelFacts as ModelFacts
from jndlab.analysis.study.objective import jnd_in_units as jnd_in_units
from jndlab.analysis.study.objective_results import JndInUnits as JndInUnits
from jndlab.analysis.study.options import AnalysisOptions as AnalysisOptions
from jndlab.analysis.study.parts import split_parts as split_parts
from jndlab.analysis.study.record import StudyRecord as StudyRecord
from jndlab.analysis.study.results import CatchSummary as CatchSummary
from jndlab.analysis.study.results import ConditionAnalysis as ConditionAnalysis
from jndlab.analysis.study.results import Jnd as Jnd
from jndlab.analysis.study.results import LevelResult as LevelResult
from jndlab.analysis.study.results import ListenerResult as ListenerResult
from jndlab.analysis.study.results import SensitivityRow as SensitivityRow
from jndlab.analysis.study.results import StudyAnalysis as StudyAnalysis
from jndlab.analysis.study.score_agreement import ScoreAgreement as ScoreAgreement
from jndlab.analysis.study.score_agreement import score_agreement as score_agreement
from jndlab.analysis.study.seed_twin import SeedTwin as SeedTwin
from jndlab.analysis.study.seed_twin import seed_twin as seed_twin
from jndlab.analysis.study.study_scores import study_score_agreement as study_score_agreement
from jndlab.analysis.study.tracks import TrackStatus as TrackStatus
