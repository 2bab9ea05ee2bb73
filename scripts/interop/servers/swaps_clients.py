"""错误:攒够两位客户,再互换着回答。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    waiting = {}
    while True:
        data, peer = sock.recvfrom(65535)
        for other, held in list(waiting.items()):
            if other != peer:
                sock.sendto(held, peer)
                sock.sendto(data, other)
                del waiting[other]
                break
        else:
            waiting[peer] = data
