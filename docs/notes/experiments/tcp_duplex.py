"""一条 TCP 连接是两条互不相干的字节流:两个方向同时传,先说的不必等后说的。"""
import socket
import threading
import time

SIZE = 16 << 20  # 16 MiB,比内核的缓冲大得多


def send(sock):
    """发 SIZE 字节,然后关掉发的方向。"""
    sock.sendall(bytes(SIZE))
    sock.shutdown(socket.SHUT_WR)


def receive(sock, result):
    """一直收到对方说完,记下一共多少。"""
    total = 0
    while data := sock.recv(65536):
        total += len(data)
    result.append(total)


def connection():
    """一条回环上的连接。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=10)
        server, _ = listener.accept()
    server.settimeout(10)
    return client, server


client, server = connection()
with client, server:
    result = []
    threads = [threading.Thread(target=send, args=(sock,)) for sock in (client, server)]
    threads += [threading.Thread(target=receive, args=(sock, result)) for sock in (client, server)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
print("每边一个线程发、一个线程收,两边各收到 16 MiB:", result == [SIZE, SIZE])

client, server = socket.socketpair()
with client, server:
    client.sendall(b"from client")
    server.sendall(b"from server")  # 两个方向的字节各在各的缓冲里,不会混
    print("一个连接,两条流:", server.recv(1024), client.recv(1024))

client, server = connection()
with client, server:
    messages = (b"a" * SIZE, b"b" * SIZE)
    threads = [threading.Thread(target=client.sendall, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    time.sleep(0.2)  # 两个线程都停在 send 上:缓冲满了
    data = bytearray()
    while len(data) < 2 * SIZE:
        data += server.recv(1 << 20)
    for thread in threads:
        thread.join(10)
    print("两个线程同时往一个方向发,插到了对方中间:", data.count(b"ab") + data.count(b"ba") > 1)
