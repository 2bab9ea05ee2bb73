"""对话的客户端:绑定一个固定的端口,先说后听;只认得对方说的 quit。

用法:tcp_client_chat.py 服务器地址 本机地址
"""

import socket
import sys

from common_peer import address

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    sock.bind(address(sys.argv[2]))
    sock.connect(address(sys.argv[1]))
    while True:
        text = input("请输入要传输的数据:")
        sock.send(text.encode("utf-8"))
        answer = sock.recv(1024).decode("utf-8")
        print("服务端返回:", answer, flush=True)
        if answer == "quit":
            print("服务端请求断开连接!!!", flush=True)
            break
