"""错误:把队列里等着的都取出来,合成一个回答。"""

import select
import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        while select.select([sock], [], [], 0.2)[0]:
            more, peer = sock.recvfrom(65535)
            data += more
        sock.sendto(data, peer)
