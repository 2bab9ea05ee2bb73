"""错误:不看末尾。客户走了,还在收、还在答。"""

import socket
import sys
import threading


def serve(sock):
    try:
        while True:
            sock.sendall(sock.recv(1024).upper())
    except OSError:
        sock.close()


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()
