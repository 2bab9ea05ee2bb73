"""最简客户端:发一个数据报,打印回答的 Python 写法。

用法:s3_client.py 服务器地址 文字
"""

import socket
import sys

from common_peer import address

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.sendto(sys.argv[2].encode("utf-8"), address(sys.argv[1]))
    print(sock.recv(1024), flush=True)
