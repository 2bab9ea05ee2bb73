"""错误:改成大写再发回。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        sock.sendto(data.upper(), peer)
