"""绑定一个端口,收一个数据报,解码打印。

用法:recv_once.py 监听地址 [编码],编码默认 gbk
"""

import socket
import sys

from common_peer import address, announce

encoding = sys.argv[2] if len(sys.argv) > 2 else "gbk"

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind(address(sys.argv[1]))
    announce(sock)
    payload, sender = sock.recvfrom(1024)
    print("%s 发送了:%s" % (sender, payload.decode(encoding)), flush=True)
