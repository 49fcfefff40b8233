"""What an experimenter does with a study, from its folders to its archive."""

from jndlab.studies.launching import LaunchedStudy, launch_study
from jndlab.studies.making import CheckedStudy, MadeStudy, check_study, new_study

__all__ = [
    "CheckedStudy",
    "LaunchedStudy",
    "MadeStudy",
    "check_study",
    "launch_study",
    "new_study",
]
