"""先说状态和长度的下载服务器。

用法:download_framed_server.py 监听地址 目录 [一次写几个字节]
"""

import os
import socket
import struct
import sys

from common_peer import address, announce

OK, MISSING, NOT_A_FILE, BAD_NAME = 0, 1, 2, 4
root, step = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1 << 16


def lookup(name):
    """状态和内容。"""
    if not name or any(mark in name for mark in "/\\\0") or name in (".", ".."):
        return BAD_NAME, b""
    path = os.path.join(root, name)
    if not os.path.exists(path):
        return MISSING, b""
    if not os.path.isfile(path):
        return NOT_A_FILE, b""
    with open(path, "rb") as file:
        return OK, file.read()


with socket.socket() as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    while True:
        sock, _ = listener.accept()
        with sock, sock.makefile("rb") as source:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            (length,) = struct.unpack("!I", source.read(4))
            status, content = lookup(source.read(length).decode())
            answer = struct.pack("!IBQ", 9, status, len(content)) + content
            for start in range(0, len(answer), step):
                sock.sendall(answer[start:start + step])
