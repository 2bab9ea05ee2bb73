"""UDP 的校验和看不出两个 16 位的字对调了位置,CRC-32 看得出。"""
import zlib


def internet_checksum(data):
    """RFC 1071:按 16 位相加,进位加回来,取反。"""
    total = sum(int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


sent, swapped = b"pay 10 to 99", b"pay 99 to 10"
for data in (sent, swapped):
    print(data, f"反码和 {internet_checksum(data):04x}", f"CRC-32 {zlib.crc32(data):08x}")
