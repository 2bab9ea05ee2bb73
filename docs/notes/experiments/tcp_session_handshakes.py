"""一条连接问许多句(长连接),和每问一句连一次(短连接)。"""
import socket
import threading
import time

COUNT = 300
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()


def serve():
    """一位接一位,每句都回答,直到他说完。"""
    while True:
        stream, _ = listener.accept()
        with stream:
            while data := stream.recv(1024):
                stream.sendall(data.upper())


def connect():
    """连上服务器。"""
    return socket.create_connection(listener.getsockname(), timeout=5)


def ask(client):
    """问一句,等到回答。"""
    client.sendall(b"hello")
    assert client.recv(1024) == b"HELLO"


def microseconds(start):
    """从 `start` 起,平均每句用了多少微秒。"""
    return (time.monotonic() - start) / COUNT * 1e6


threading.Thread(target=serve, daemon=True).start()
start = time.monotonic()
with connect() as client:
    for _ in range(COUNT):
        ask(client)
print(f"长连接:每句 {microseconds(start):.0f} 微秒")
start = time.monotonic()
for _ in range(COUNT):
    with connect() as client:
        ask(client)
print(f"短连接:每句 {microseconds(start):.0f} 微秒")
