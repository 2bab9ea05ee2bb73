"""看看网线上的字节:请求和回答。用法:download_framed_bytes.py 127.0.0.1:7788 名字"""
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
name = sys.argv[2].encode()
request = struct.pack("!I", len(name)) + name
with socket.create_connection((host, int(port)), timeout=5) as sock, sock.makefile("rb") as source:
    print("请求", request.hex(" "))
    sock.sendall(request)
    head = source.read(13)
    print("回答", head.hex(" "))
    length, status, size = struct.unpack("!IBQ", head)
    print(f"状态 {status},长度 {size},内容 {source.read(size)}")
