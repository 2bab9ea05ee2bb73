"""错误:不是 UTF-8 的字节换成了问号。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        text = data.decode("utf-8", "replace")
        sock.sendto(text.encode("utf-8"), peer)
