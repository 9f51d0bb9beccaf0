"""A character device of a given name and number, made by the kernel for this program (CUSE): it can be opened.

`python char_device.py NAME MAJOR`; root, with the module `cuse`. So the kernel lists NAME as a driver's, as it would a
card's, and whoever may open the device gets it open.
Source: include/uapi/linux/fuse.h, version 7.31; fs/fuse/cuse.c.
"""

from __future__ import annotations

import errno
import os
import struct
import sys

IN_HEADER = struct.Struct("<IIQQIIII")
OUT_HEADER = struct.Struct("<IiQ")
INIT_OUT = struct.Struct("<8I40x")
OPEN_OUT = struct.Struct("<QII")
INIT, OPEN, RELEASE = 4096, 14, 18


def main(name: str, major: int) -> None:
    kernel = os.open("/dev/cuse", os.O_RDWR)
    while request := os.read(kernel, 1 << 20):
        _length, opcode, unique, *_rest = IN_HEADER.unpack_from(request)
        error, answer = 0, b""
        if opcode == INIT:
            answer = INIT_OUT.pack(7, 31, 0, 0, 1 << 16, 1 << 16, major, 0) + f"DEVNAME={name}\0".encode()
        elif opcode == OPEN:
            answer = OPEN_OUT.pack(1, 0, 0)
        elif opcode != RELEASE:
            error = -errno.ENOSYS
        os.write(kernel, OUT_HEADER.pack(OUT_HEADER.size + len(answer), error, unique) + answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
