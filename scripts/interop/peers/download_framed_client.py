"""先说状态和长度的下载客户端:请求是一帧文件名,回答是一帧状态和长度,然后是内容。

用法:download_framed_client.py 服务器地址 文件名 存成什么
"""

import os
import socket
import struct
import sys

from common_peer import address


def take(sock, count):
    """收满 `count` 个字节。"""
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(min(count - len(data), 65_536))
        if not piece:
            sys.exit(f"断了:还差 {count - len(data)} 字节")
        data += piece
    return bytes(data)


name = sys.argv[2].encode()
with socket.create_connection(address(sys.argv[1]), timeout=10) as sock:
    sock.sendall(struct.pack("!I", len(name)) + name)
    length, status, size = struct.unpack("!IBQ", take(sock, 13))
    if (length, status) != (9, 0):
        sys.exit(f"长度 {length},状态 {status}")
    with open(sys.argv[3] + ".part", "wb") as file:
        file.write(take(sock, size))
        file.flush()
        os.fsync(file.fileno())
    os.replace(sys.argv[3] + ".part", sys.argv[3])
    print(f"收到 {size} 字节,多出 {len(sock.recv(1))} 字节")
