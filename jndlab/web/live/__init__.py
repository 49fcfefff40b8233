"""The live view: a study while data come in, summarised without slowing anybody who answers."""
