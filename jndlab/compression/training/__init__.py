"""Training with torch: data, losses, the loop that every family uses."""
