"""Safe YAML with positions: from bytes to plain text, and from complaints to problems with a line and a remedy.

Used by the job language and by the settings file. Must not know any key.
"""
