"""TCP 客户端,用 recvfrom 接收:TCP 里它不给来源,只给 None。

用法:tcp_client_recvfrom.py 服务器地址 文字
"""

import socket
import sys

from common_peer import address

with socket.socket() as sock:
    sock.connect(address(sys.argv[1]))
    sock.send(sys.argv[2].encode("utf-8"))
    print(sock.recvfrom(1024), flush=True)
