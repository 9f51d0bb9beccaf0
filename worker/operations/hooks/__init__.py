"""Hooks: a command of the user's after each job, in its own time, and again at the next start where it did not run."""
