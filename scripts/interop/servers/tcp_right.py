"""正确:每位客户一个线程;Ctrl-C 先关监听,再等正在服务的。"""

import socket
import sys
import threading


def shown(data):
    """能安全打印的文字:不合编码的字节和控制字符写成看得见的样子。"""
    text = data.decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def serve(sock, peer):
    """收到什么,变成大写发回,直到末尾;出错只影响这一位。"""
    try:
        with sock:
            while data := sock.recv(1024):
                print(f"{peer} 发送了:{shown(data)}", flush=True)
                sock.sendall(data.upper())
    except OSError as error:
        print(f"{peer}:{error}", flush=True)


host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as listener:
    try:
        while True:
            threading.Thread(target=serve, args=listener.accept()).start()
    except KeyboardInterrupt:
        pass
