"""Retention: finished folders that are archived or deleted some days after their job ended, and never anything else."""
