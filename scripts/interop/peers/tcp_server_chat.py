"""对话的服务器:一位客户,先听后说;只认得对方说的 quit,不看末尾。

用法:tcp_server_chat.py 监听地址
"""

import socket
import sys

from common_peer import address, announce

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address(sys.argv[1]))
    listener.listen(10)
    announce(listener)
    sock, peer = listener.accept()
    print("客户端的ip地址和端口号:", peer, flush=True)
    with sock:
        while True:
            text = sock.recv(1024).decode("utf-8")
            print("接收到客户端发来的数据:", text, flush=True)
            if text == "quit":
                print("客户端请求断开连接!!!", flush=True)
                break
            sock.send(input("请输入要返回给客户端的信息;").encode("utf-8"))
