"""银行柜台:一位接一位,每位收一次,答一次 hahahah。

用法:tcp_server_each_once.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    while True:
        sock, peer = listener.accept()
        print("链接的客户端地址为:", peer, flush=True)
        with sock:
            print(sock.recvfrom(1024), flush=True)
            sock.send(b"hahahah")
