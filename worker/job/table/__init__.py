"""The table doctor: a table of products as spreadsheets, shops and people really write it, and each word it deserves.

Must not know what a placeholder is filled with, nor read a file: it gets bytes and gives a catalogue.
"""
