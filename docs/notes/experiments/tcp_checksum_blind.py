"""16 位校验和看不出的改动:它只是相加,次序换了,和不变;随便改,也有六万五千分之一看不出。"""
import hashlib
import random
import struct


def checksum(data):
    """RFC 1071:16 位一组相加,进位加回来,再取反。"""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


for text in ("转 1000 元", "转 0010 元"):
    data = text.encode()
    print(f"{text}:校验和 {checksum(data):#06x},SHA-256 {hashlib.sha256(data).hexdigest()[:8]}……")

COUNT, SIZE = 400_000, 40
random.seed(1)  # 每次运行都一样
expected = checksum(random.randbytes(SIZE))
missed = sum(checksum(random.randbytes(SIZE)) == expected for _ in range(COUNT))
print(f"换成别的内容 {COUNT} 次,校验和没有看出来的:{missed}")
