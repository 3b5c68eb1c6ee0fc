"""Vectors for src/export/hailo/checksums: XXH3-64 by libxxhash, CRC-32 by zlib, MD5 by hashlib.

Run: python3 tests/golden/checksums.py > tests/golden/checksums.json
"""

import ctypes
import hashlib
import json
import zlib

LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 48, 55, 56, 57, 63, 64, 65, 96, 97, 127, 128]
LENGTHS += [129, 130, 144, 191, 192, 239, 240, 241, 242, 255, 256, 257, 320, 511, 512, 513, 1023, 1024, 1025]
LENGTHS += [1026, 1087, 1088, 1089, 1150, 2047, 2048, 2049, 2112, 3000, 4096, 10000, 100000]

xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def content(length):
    """Bytes 16 to 23 of a linear congruential generator modulo 2^32."""
    state, out = 1, bytearray()
    for _ in range(length):
        state = (state * 1103515245 + 12345) & 0xFFFFFFFF
        out.append((state >> 16) & 0xFF)
    return bytes(out)


def vector(length):
    data = content(length)
    return {
        "length": length,
        "xxh3": f"{xxhash.XXH3_64bits(data, length):016x}",
        "crc32": f"{zlib.crc32(data):08x}",
        "md5": hashlib.md5(data).hexdigest(),
    }


version = xxhash.XXH_versionNumber()
print(json.dumps({"xxhash": version, "vectors": [vector(n) for n in LENGTHS]}, indent=1))
