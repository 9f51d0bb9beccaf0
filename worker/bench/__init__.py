"""The speed test and the stability test: what is asked, what is counted, how the tables read.

`measuring` runs them on a model. Must not know torch outside `measuring`.
"""
