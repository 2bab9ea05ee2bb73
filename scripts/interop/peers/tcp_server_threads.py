"""多线程的服务器:每位客户一个守护线程,接满两位,主线程就结束,整个进程跟着结束。

用法:tcp_server_threads.py 监听地址
"""

import socket
import sys
import threading

from common_peer import address, announce

MAX_NUM = 2


def process_data(sock, peer):
    """每一句都答同一句话,直到客户说完。"""
    while True:
        message = sock.recv(1024)
        if not message:
            print("客户端请求断开连接!!!", peer, flush=True)
            break
        print("接收到客户端发来的数据:", message.decode("utf-8"), flush=True)
        sock.send("ok,问题正在处理中...".encode("utf-8"))
    sock.close()


with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(MAX_NUM)
    announce(listener)
    for _ in range(MAX_NUM):
        threading.Thread(target=process_data, args=listener.accept(), daemon=True).start()
