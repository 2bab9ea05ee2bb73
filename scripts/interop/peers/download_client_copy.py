"""下载客户端:依次问服务器、端口、文件名,收一次,存成「[复件]文件名」。

第一个参数是文件名的编码,默认 utf-8;第二个参数是 text 时,端口照键盘打的文字用,不变成整数。
"""

import socket
import sys

encoding = sys.argv[1] if len(sys.argv) > 1 else "utf-8"
host = input("请输入你要链接的服务器ip:")
port = input("请输入你要链接的端口:")
if sys.argv[2:] != ["text"]:
    port = int(port)
sock = socket.socket()
sock.connect((host, port))
name = input("请输入你要下载的文件:")
sock.send(name.encode(encoding))
received = sock.recv(1024)
if received:
    with open("[复件]" + name, "wb") as file:
        file.write(received)
sock.close()
