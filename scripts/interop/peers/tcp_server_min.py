"""最短的 TCP 服务器:收一次,答一次 ok,结束。

用法:tcp_server_min.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket() as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(5)
    announce(listener)
    sock, _ = listener.accept()
    with sock:
        print(sock.recv(1024), flush=True)
        sock.send(b"ok")
