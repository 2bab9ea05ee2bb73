"""错误:没有接住 ConnectionResetError,一位客户就能关掉整个服务器。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, _ = listener.accept()
        with sock:
            while data := sock.recv(1024):
                sock.sendall(data.upper())
