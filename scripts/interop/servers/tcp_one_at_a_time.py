"""错误:一位服务完才接下一位。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, peer = listener.accept()
        try:
            with sock:
                while data := sock.recv(1024):
                    print(peer, "发送了:", ascii(data), flush=True)
                    sock.sendall(data.upper())
        except OSError as error:
            print(error, flush=True)
