"""错误:只收不答。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        sock.recvfrom(65535)
