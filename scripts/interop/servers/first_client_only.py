"""错误:记住第一位客户,以后都回给他。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    client = None
    while True:
        data, peer = sock.recvfrom(65535)
        client = client or peer
        sock.sendto(data, client)
