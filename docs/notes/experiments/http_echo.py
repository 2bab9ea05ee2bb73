"""浏览器、curl 发来什么,就照原样显示什么。用法:http_echo.py 127.0.0.1:8080;30 秒没有人来就结束。"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_server((host, int(port))) as listener:
    print("监听 %s:%d" % listener.getsockname(), flush=True)
    listener.settimeout(30)
    while True:
        stream, _ = listener.accept()
        with stream:
            stream.settimeout(2)
            data = b""
            try:
                while not data.endswith(b"\r\n\r\n"):
                    data += stream.recv(1)  # 一次一个字节:慢,但不会多收
            except OSError:
                continue  # 浏览器有时先连上,再也不说话
            length = data.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            while length and len(data.partition(b"\r\n\r\n")[2]) < int(length):
                data += stream.recv(1024)
            for line in data.split(b"\r\n"):
                print(line.decode("utf-8", "backslashreplace"), flush=True)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
