"""错误:每个数据报重建一次套接字,排队等着的都丢了。"""

import socket
import sys

host, port = sys.argv[1].split(":")
while True:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, int(port)))
        data, peer = sock.recvfrom(65535)
        sock.sendto(data, peer)
