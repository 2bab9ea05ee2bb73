"""错误:recvfrom(1024),多出的字节永久丢失。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(1024)
        sock.sendto(data, peer)
