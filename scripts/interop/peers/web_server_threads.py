"""网站,每条连接一个线程:第二个词是路径,给 static 目录里的文件。有许多网上的教程里的毛病,照样留着。

收一次就当作一个请求;不说正文的长度,要等浏览器先关闭;路径不解码、不检查;什么错都是 404。

用法:web_server_threads.py 监听地址 [close]   close:每答一次就关闭,却还接着收
"""

import socket
import sys
import threading

from common_peer import address, announce

CLOSES = sys.argv[2:] == ["close"]


def reply(uri):
    """整个回答的字节。"""
    if uri == "/":
        uri = "/index.html"
    try:
        with open("static" + uri, "rb") as page:
            return b"HTTP/1.1 200 OK\r\nserver: python\r\n\r\n" + page.read()
    except Exception:
        return b"HTTP/1.1 404 Not Found\r\nserver: python\r\n\r\n404 Not Found, Sorry!"


def work(sock):
    """一条连接。"""
    while True:
        text = sock.recv(1024).decode()
        if not text:
            break
        try:
            sock.send(reply(text.split(" ")[1]))
        finally:
            if CLOSES:
                sock.close()
    sock.close()


with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address(sys.argv[1]))
    listener.listen(128)
    announce(listener)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=work, args=(connection,), daemon=True).start()
