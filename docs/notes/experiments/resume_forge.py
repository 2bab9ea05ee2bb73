"""CRC-32 防意外,不防人:在末尾凑 4 个字节,要它是多少就是多少。"""
import hashlib
import zlib

TABLE = [zlib.crc32(bytes([byte])) ^ zlib.crc32(b"\0") for byte in range(256)]
# 表的每一项最高的字节各不相同:由结果的最高字节,可以倒推用了哪一项。
BY_TOP = {entry >> 24: byte for byte, entry in enumerate(TABLE)}


def tail(data, wanted):
    """4 个字节,接在 data 后面,CRC-32 就是 wanted。"""
    state, used = wanted ^ 0xFFFFFFFF, []
    for _ in range(4):
        byte = BY_TOP[state >> 24]
        used.append(byte)
        state = (state ^ TABLE[byte]) << 8 & 0xFFFFFFFF
    now, result = zlib.crc32(data) ^ 0xFFFFFFFF, b""
    for byte in reversed(used):
        result += bytes([now & 0xFF ^ byte])
        now = TABLE[byte] ^ now >> 8
    return result


good = "转给小红 100 元".encode()
evil = "转给小刚 999 元".encode()
evil += tail(evil, zlib.crc32(good))
for name, data in (("原来的", good), ("伪造的", evil)):
    print(f"{name}:CRC-32 {zlib.crc32(data):08x},SHA-256 {hashlib.sha256(data).hexdigest()[:8]}……")
