"""最短的 TCP 客户端:默认参数的套接字就是 AF_INET 和 SOCK_STREAM。

用法:tcp_client_min.py 服务器地址 文字
"""

import socket
import sys

from common_peer import address

with socket.socket() as sock:
    sock.connect(address(sys.argv[1]))
    sock.send(sys.argv[2].encode("utf-8"))
    print(sock.recv(1024), flush=True)
