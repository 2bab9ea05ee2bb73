"""只用标准库问一次 DNS:自己拼 34 字节的问题,自己拆回答。"""
import ipaddress
import secrets
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
identity = secrets.randbelow(65536)
header = struct.pack("!6H", identity, 0x0100, 1, 0, 0, 0)  # 编号、标志 RD、一个问题
question = b"\x03www\x07example\x04test\x00" + struct.pack("!2H", 1, 1)  # 类型 A,类 IN
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.settimeout(2)
    sock.connect((host, int(port)))
    sock.send(header + question)
    reply = sock.recv(1232)
print("问", len(header + question), "字节,头之后:", question.hex(" "))
print("答", len(reply), "字节,问题之后:", reply[34:].hex(" "))
print("编号相同:", reply[:2] == header[:2], " 是回答:", bool(reply[2] & 0x80), " 返回码:", reply[3] & 15)
print("地址:", ipaddress.IPv4Address(reply[-4:]))
