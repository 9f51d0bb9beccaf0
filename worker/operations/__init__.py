"""Operations: log, records for `status`, signals, systemd.

Knows how a worker is watched and stopped. Must not know the rules of the other rooms.
"""
