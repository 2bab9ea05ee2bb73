"""浏览器,只用套接字:一行请求,一个空行,一直收到末尾,原样打印。

用法:web_client.py 服务器地址 路径
"""

import socket
import sys

from common_peer import address

with socket.create_connection(address(sys.argv[1]), timeout=10) as sock:
    sock.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
    while piece := sock.recv(1024):
        sys.stdout.buffer.write(piece)
