"""Encodings of text files, of jobs and of tables: bytes as text, judged by what the text would be.

Knows bytes and letters; whoever asks decides which encodings are read, which are refused, and what the remedy is.
"""
