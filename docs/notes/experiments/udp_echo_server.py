"""UDP 回声服务器:收到什么字节,就把什么字节送回给发送方。"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((host, int(port)))
    print("监听 %s:%d" % server.getsockname(), flush=True)
    while True:
        data, peer = server.recvfrom(65535)
        server.sendto(data, peer)
