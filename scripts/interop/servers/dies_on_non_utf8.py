"""错误:解码再编码,遇到不是 UTF-8 的字节就退出。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        text = data.decode("utf-8")
        sock.sendto(text.encode("utf-8"), peer)
