"""How many listeners and trials: power and interval width, exact or by simulation."""
