"""用手说一遍协议:STAT、DIGEST,再 GET 三次,看服务器从哪里发起。"""
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
NAME = sys.argv[2].encode()
stream = socket.create_connection((host, int(port)), timeout=5)
source = stream.makefile("rb")


def ask(body):
    stream.sendall(struct.pack("!I", len(body)) + body)
    return answer()


def answer():
    (length,) = struct.unpack("!I", source.read(4))
    return source.read(length)


def get(title, have, digest):
    body = ask(struct.pack("!B16sQQQ32s", 3, version, 0, size, have, digest) + NAME)
    print(f"{title}:状态 {body[0]}", end="")
    if body[0] == 0:
        (start,) = struct.unpack("!Q", body[1:])
        print(f",从 {start} 起,后面跟着 {len(source.read(size - start))} 字节", end="")
    print()


body = ask(b"\x01" + NAME)
print("STAT 的请求:", (struct.pack("!I", 1 + len(NAME)) + b"\x01" + NAME).hex(" "))
status, kind, size, version = struct.unpack("!BBQ16s", body)
print(f"STAT 的回答:状态 {status},种类 {kind},大小 {size},版本 16 字节")
whole = ask(b"\x04" + version + NAME)[1:]
print(f"DIGEST 的回答:{len(whole)} 字节")
get("GET,手里什么也没有", 0, bytes(32))
get("GET,手里全有,摘要对", size, whole)
get("GET,手里全有,摘要错一个字节", size, bytes([whole[0] ^ 1]) + whole[1:])
version = bytes(16)
get("GET,别的版本", 0, bytes(32))
