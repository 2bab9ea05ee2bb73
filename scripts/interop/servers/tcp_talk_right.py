"""正确:和一位接一位的客户对话;quit 和末尾都认得,自己说 quit 也走。"""

import socket
import sys


def talk(sock, peer):
    """先听后说,直到一方要走。"""
    while data := sock.recv(1024):
        lines = data.decode("utf-8", "backslashreplace").splitlines()
        print(f"{peer}:{lines}", flush=True)
        if "quit" in (line.strip() for line in lines):
            return
        text = ""
        while not text:
            text = input("轮到你说:").strip()
        sock.sendall(text.encode())
        if text == "quit":
            return


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    while True:
        sock, peer = listener.accept()
        with sock:
            try:
                talk(sock, peer)
            except OSError as error:
                print(error, flush=True)
