"""The studio makes pictures: seven rooms, from a model's files to the process that renders.

Each imports only what stands above it: `model_files`, `plan`, `retry`, `card`, `stages`, `render`, `process`.
"""
