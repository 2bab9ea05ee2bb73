"""网站,固定的一页:收一次,不看要什么,回答当前目录里的 index.html,关闭。不说正文的长度。

用法:web_server_fixed.py 监听地址
"""

import socket
import sys
from pathlib import Path

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    while True:
        sock, peer = listener.accept()
        with sock:
            print("浏览器", peer, sock.recv(4096).decode(), flush=True)
            sock.sendall(b"HTTP/1.1 200 OK\r\nserver: python\r\n\r\n" + Path("index.html").read_bytes())
