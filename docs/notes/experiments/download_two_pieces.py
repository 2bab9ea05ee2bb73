"""把文件名分两段发。用法:download_two_pieces.py 127.0.0.1:7788 名字"""
import socket
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
name = sys.argv[2].encode()
with socket.create_connection((host, int(port)), timeout=5) as sock:
    sock.sendall(name[:2])
    time.sleep(0.3)  # 路上耽搁了
    try:
        sock.sendall(name[2:])
        print("收到", len(sock.recv(1024)), "字节")
    except ConnectionError as error:
        print("收到 0 字节,", type(error).__name__)
