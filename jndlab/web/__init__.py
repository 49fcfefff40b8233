"""The Flask application: participant and experimenter pages, and the participant API."""
