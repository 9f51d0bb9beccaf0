"""The renderer as a child process: what both sides of the pipe say, how it is started, heard and ended.

Must not import torch: the daemon's side lives here, and the child loads it once it serves.
"""
