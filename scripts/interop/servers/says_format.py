"""错误:回的不是原样,而是 '{}-{}'.format(内容, 来源)。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        sock.sendto("{}-{}".format(data, peer).encode("utf-8"), peer)
