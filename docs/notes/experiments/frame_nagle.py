"""头和体分两次 send,再等回答:每一问都要多等几十毫秒。"""
import socket
import statistics
import struct
import threading
import time

ROUNDS = 20
HEAD, BODY = struct.pack("!I", 5), b"hello"


def answer(server):
    """收满一帧,回一个字节。"""
    with server:
        while True:
            size = 0
            while size < len(HEAD + BODY):
                data = server.recv(len(HEAD + BODY) - size)
                if not data:
                    return
                size += len(data)
            server.sendall(b"!")


def measure(send, nodelay=False):
    """问答 ROUNDS 次,返回每次用时的中位数(毫秒)。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=5)
        threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            send(client)
            client.recv(1)
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def two_writes(client):
    """头一次,体一次。"""
    client.sendall(HEAD)
    client.sendall(BODY)


def one_write(client):
    """拼好了一次写。"""
    client.sendall(HEAD + BODY)


slow, fast, nodelay = measure(two_writes), measure(one_write), measure(two_writes, nodelay=True)
print(f"两次写:{slow:.2f} 毫秒;一次写:{fast:.2f} 毫秒;两次写加 TCP_NODELAY:{nodelay:.2f} 毫秒")
print("一次写快 10 倍以上:", fast * 10 < slow)
