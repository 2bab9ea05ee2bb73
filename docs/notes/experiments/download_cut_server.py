"""只发一半就退出的下载服务器,像是被 kill -9 了。用法:download_cut_server.py 127.0.0.1:7788 文件 [framed]"""
import os
import socket
import struct
import sys

host, port = sys.argv[1].rsplit(":", 1)
with open(sys.argv[2], "rb") as file:
    content = file.read()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((host, int(port)))
listener.listen()
listener.settimeout(30)
print("监听 %s:%d" % listener.getsockname(), flush=True)
stream, _ = listener.accept()
stream.recv(1024)
if sys.argv[3:] == ["framed"]:
    stream.sendall(struct.pack("!IBQ", 9, 0, len(content)))
stream.sendall(content[:len(content) // 2])
print("发到一半", flush=True)
os._exit(1)  # 什么也来不及收拾,套接字由系统关闭
