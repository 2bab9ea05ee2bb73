"""错误:把 TCP 的习惯用到 UDP,收到空的就当作对方关闭了。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        if not data:
            break
        sock.sendto(data, peer)
