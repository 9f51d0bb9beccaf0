"""The studio makes pictures: model, precision, memory, retry ladders, verdicts, and the child process that renders.

Knows Z-Image and the device. Must not know folders of jobs, YAML, or files of pictures. The daemon's side (`model`,
`process`, `device_report`, `bf16_copy`) never imports torch; `child` and what it uses do.
"""
