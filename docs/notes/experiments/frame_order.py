"""同一个整数 1892,两种字节序;读错字节序,得到另一个整数。"""
import struct

print("小端 <I:", struct.pack("<I", 1892).hex(" "))
print("大端 >I:", struct.pack(">I", 1892).hex(" "))
print("网络字节序 !I:", struct.pack("!I", 1892).hex(" "))
print("小端写、大端读:", struct.unpack(">I", struct.pack("<I", 1892))[0])
print("有符号写 -1、无符号读:", struct.unpack("!I", struct.pack("!i", -1))[0])
try:
    struct.pack("!i", 2**31)
except struct.error:
    print("有符号的 4 字节装不下 2 的 31 次方")
