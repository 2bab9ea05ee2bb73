"""struct.pack('i', n):本机字节序,有符号,四个字节;不是压缩。"""
import struct
import sys

print("这台机器:", sys.byteorder)
print("'i' 写 1892:", struct.pack("i", 1892).hex(" "), "'!i':", struct.pack("!i", 1892).hex(" "))
print("小端写的,大端的机器读成:", struct.unpack(">i", struct.pack("<i", 1892))[0])
print("长度 3,大端的机器读成:", struct.unpack(">i", struct.pack("<i", 3))[0])
print("ff ff ff ff 读成:", struct.unpack("<i", b"\xff" * 4)[0], "它小于 1024:", struct.unpack("<i", b"\xff" * 4)[0] < 1024)
for number in (2**31 - 1, 2**31):
    try:
        print(number, "写成:", struct.pack("<i", number).hex(" "))
    except struct.error as error:
        print(number, "写不下:", type(error).__name__)
print("1 写成几个字节:", len(struct.pack("i", 1)), "文字 '1' 呢:", len(b"1"))
