"""The overview: what the folders alone say about the workers and every job, for whoever only looks."""
