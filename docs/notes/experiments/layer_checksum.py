"""互联网校验和:16 位一组相加,进位加回来,再取反。和程序写的比一比。"""
import struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


header = bytes.fromhex("4500 002a 0001 0000 4011 0000 c000 020a c000 0214")
print(f"IPv4 首部校验和: {checksum(header):#06x}")

datagram = bytes.fromhex("aa6b 1f90 0016 0000") + "你好,网络!".encode()
pseudo = bytes.fromhex("c000 020a c000 0214 0011") + struct.pack("!H", len(datagram))
print(f"UDP 校验和,加上伪首部: {checksum(pseudo + datagram):#06x}")
print(f"UDP 校验和,忘了伪首部: {checksum(datagram):#06x}")

whole = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
print("连同校验和一起算,应当是 0:", checksum(whole))
