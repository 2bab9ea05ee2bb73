"""接满两位就没有事做的服务器:主线程一结束,守护线程跟着没了。

用法:tcp_threads_two.py 监听地址
"""
import socket
import sys
import threading

MAX_NUM = 2


def serve(sock):
    """答同一句话,直到客户说完。"""
    while sock.recv(1024):
        sock.sendall("ok,问题正在处理中...".encode())


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port)), backlog=MAX_NUM) as listener:
    listener.settimeout(30)
    print(f"监听 {host}:{port}", flush=True)
    for number in range(MAX_NUM):  # 把排队的上限当成了总共接待几位
        sock, _ = listener.accept()
        print(f"第 {number + 1} 位来了", flush=True)
        threading.Thread(target=serve, args=(sock,), daemon=True).start()
print("主线程没有事做了", flush=True)
