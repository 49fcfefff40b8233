"""Long work outside of requests: what is asked for, how far it is, what came of it."""
