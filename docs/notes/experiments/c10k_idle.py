"""连上许多条不说话的连接,再问一个请求要多久。用法:c10k_idle.py 127.0.0.1:8080 条数"""
import resource
import socket
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
count = int(sys.argv[2])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 100)), hard))


def connect():
    return socket.create_connection((host, int(port)), timeout=5)


def ask():
    """问一次,返回状态码和毫秒。"""
    start = time.monotonic()
    with connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        status = client.recv(1024).split()[1].decode()
    return status, (time.monotonic() - start) * 1000


print("没有闲着的:%s,%.1f 毫秒" % ask())
idle = []
try:
    while len(idle) < count:
        idle.append(connect())
except OSError as error:
    print("第", len(idle) + 1, "条连不上:", type(error).__name__)
print(f"{len(idle)} 条闲着的:%s,%.1f 毫秒" % ask(), flush=True)
