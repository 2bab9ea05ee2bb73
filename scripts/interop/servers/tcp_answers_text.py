"""错误:先解码再变大写。不是 UTF-8 的字节让线程异常退出,连接没有回答。"""

import socket
import sys
import threading


def serve(sock):
    with sock:
        while data := sock.recv(1024):
            sock.sendall(data.decode("utf-8").upper().encode("utf-8"))


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()
