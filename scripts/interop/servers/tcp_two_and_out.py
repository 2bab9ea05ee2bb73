"""错误:把排队的上限当成总共接待几位;守护线程随主线程一起结束。"""

import socket
import sys
import threading

MAX_NUM = 2


def serve(sock):
    with sock:
        while data := sock.recv(1024):
            sock.sendall(data.upper())


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port)), backlog=MAX_NUM) as listener:
    for _ in range(MAX_NUM):
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()
