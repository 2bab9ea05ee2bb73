"""天真的下载服务器:名字接在目录后面就打开。用法:download_naive_server.py 127.0.0.1:7788 目录"""
import os
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(128)
    listener.settimeout(30)
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    while True:
        stream, _ = listener.accept()
        with stream:
            path = os.path.join(sys.argv[2], stream.recv(1024).decode("utf-8"))
            print("打开", path, flush=True)
            with open(path, "rb") as file:
                stream.sendall(file.read())
