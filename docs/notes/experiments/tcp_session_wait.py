"""前面有一位不说话的客户,要等多久。用法:tcp_session_wait.py 127.0.0.1:8080"""
import socket
import sys
import threading
import time

SILENCE = 1.0  # 他占着线这么多秒
host, port = sys.argv[1].rsplit(":", 1)


def connect():
    """连上服务器。"""
    return socket.create_connection((host, int(port)), timeout=10)


def ask(client):
    """问一句,返回等回答的毫秒数。"""
    start = time.monotonic()
    client.sendall(b"hello")
    assert client.recv(1024) == b"HELLO"
    return (time.monotonic() - start) * 1000


with connect() as client:
    print(f"没有别人:等了 {ask(client):.1f} 毫秒")
silent = connect()
start = time.monotonic()
with connect() as client:
    connected = (time.monotonic() - start) * 1000
    threading.Timer(SILENCE, silent.close).start()
    print(f"前面一位 {SILENCE:.0f} 秒不说话:连上用了 {connected:.1f} 毫秒,等了 {ask(client):.0f} 毫秒")
