"""zimage-worker: a folder of YAML jobs in, finished folders of Z-Image pictures out."""

__version__ = "0.1.0"
