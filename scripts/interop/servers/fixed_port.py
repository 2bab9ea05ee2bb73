"""错误:回给一个写死的端口,不是发送方的端口。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    while True:
        data, peer = sock.recvfrom(65535)
        sock.sendto(data, (peer[0], 9))  # 9 是 discard,没有人在收
