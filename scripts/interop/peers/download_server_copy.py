"""下载服务器:收一次得到文件名,读出整个文件,读到了才发;每位客户一次。

用法:download_server_copy.py 监听地址 [编码]
"""

import socket
import sys

from common_peer import address, announce

encoding = sys.argv[2] if len(sys.argv) > 2 else "utf-8"


def answer(sock, peer):
    name = sock.recv(1024).decode(encoding)
    print(f"客户端 {peer} 要接收的文件为:{name}", flush=True)
    content = None
    try:
        with open(name, "rb") as file:
            content = file.read()
    except Exception:
        print(f"你要下载的文件 {name} 不存在", flush=True)
    if content:
        sock.send(content)


listener = socket.socket()
listener.bind(address(sys.argv[1]))
listener.listen(128)
announce(listener)
while True:
    sock, peer = listener.accept()
    answer(sock, peer)
    sock.close()
