"""Figures for Prometheus: which there are, what they are counted from, and the file that node_exporter reads."""
