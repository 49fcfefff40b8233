"""Studies of other listening-test tools -> a study folder, and a list of what stayed behind.

One module per format reads its files into an :class:`~jndlab.importing.imported.Imported`;
:mod:`jndlab.importing.writing` makes a study of that. Nothing is fetched, and nothing in the
files is run.
"""

from jndlab.importing.detecting import import_study
from jndlab.importing.imported import FORMATS, Imported, ImportOptions
from jndlab.importing.writing import write_study

__all__ = ["FORMATS", "ImportOptions", "Imported", "import_study", "write_study"]
