"""Signal detection theory: sensitivity d′ and proportion correct, paradigm by paradigm."""
