"""十六个请求一次发出。回答分几次到?用法:web_train.py 127.0.0.1:8080 /路径"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
COUNT = 16
with socket.create_connection((host, int(port)), timeout=5) as client:
    client.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * COUNT)
    data, times = b"", 0
    while data.count(b"HTTP/1.1 200 OK\r\n") < COUNT:
        if not (more := client.recv(1 << 20)):
            sys.exit("服务器关闭了连接")
        data, times = data + more, times + 1
print(f"{COUNT} 个回答,分 {times} 次收到")
