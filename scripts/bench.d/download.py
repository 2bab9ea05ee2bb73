"""下载,Python 的写法:服务器整个读进内存再发,客户端每次收 1024 字节。由 scripts/bench download 运行。"""

import os
import socket
import sys


def serve(root):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("监听 %s:%d" % listener.getsockname(), flush=True)
        while True:
            client, _ = listener.accept()
            with client:
                name = client.recv(1024).decode()
                with open(os.path.join(root, name), "rb") as file:
                    client.sendall(file.read())


def download(address, name, output):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as server:
        server.sendall(name.encode())
        with open(output, "wb") as file:
            while data := server.recv(1024):
                file.write(data)


if sys.argv[1] == "server":
    serve(sys.argv[2])
else:
    download(*sys.argv[2:])
