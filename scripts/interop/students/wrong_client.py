"""错误:谁的数据报都当作回答,缓冲区只有 1024 字节,没有期限。"""

import socket
import sys

import options

args = options.read()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for text in options.messages(sys.stdin):
        sock.sendto(text.encode(), args.address)
        print(sock.recv(1024).decode(), flush=True)
