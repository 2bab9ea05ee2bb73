"""最简服务器:把内容和来源拼成一句话回给他。

`'{}-{}'.format(msg, addr)` 里的 msg 是 bytes,拼出来的是它的 Python 写法:b'hello'-('127.0.0.1', 58276)。
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(address(sys.argv[1]))
    announce(sock)
    while True:
        msg, addr = sock.recvfrom(1024)
        sock.sendto("{}-{}".format(msg, addr).encode("utf-8"), addr)
