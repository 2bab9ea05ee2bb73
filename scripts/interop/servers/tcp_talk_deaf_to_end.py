"""错误:只认得对方说的 quit。自己说了不走,对方不说就挂断也不走。"""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, _ = listener.accept()
        with sock:
            while True:
                text = sock.recv(1024).decode()
                print("对方:", text, flush=True)
                if text == "quit":
                    break
                sock.sendall(input("轮到你说:").encode())
