"""错误:只回答一次。recvfrom 和 sendto 没有放进循环,后面的都不理。"""

import signal
import socket
import sys

host, port = sys.argv[1].split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.bind((host, int(port)))
    data, peer = sock.recvfrom(65535)
    sock.sendto(data, peer)
    signal.pause()
