"""错误:回答一次就退出。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    data, peer = sock.recvfrom(65535)
    sock.sendto(data, peer)
