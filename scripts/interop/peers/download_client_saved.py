"""下载客户端:依次问服务器、端口、文件名,收一次,收到了东西才存成「[接收]文件名」。

第一个参数是文件名的编码,默认 utf-8。
"""

import socket
import sys

encoding = sys.argv[1] if len(sys.argv) > 1 else "utf-8"
host = input("请输入服务器ip:")
port = int(input("请输入服务器port:"))
with socket.socket() as sock:
    sock.connect((host, port))
    name = input("请输入要下载的文件名:")
    sock.send(name.encode(encoding))
    if received := sock.recv(1024):
        with open("[接收]" + name, "wb") as file:
            file.write(received)
