"""长连接上,头和正文分两次写:Nagle 算法和延迟确认撞在一起。"""
import socket
import threading
import time

COUNT = 20
HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"hello"


def serve(listener, writes, nodelay):
    stream, _ = listener.accept()
    with stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        while stream.recv(1024):
            for piece in writes:
                stream.sendall(piece)


def measure(title, writes, nodelay):
    """问 20 次,返回平均每次几毫秒。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, writes, nodelay), daemon=True).start()
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            start = time.monotonic()
            for _ in range(COUNT):
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                received = 0
                while received < len(HEAD + BODY):
                    received += len(client.recv(1024))
            each = (time.monotonic() - start) / COUNT * 1000
    print(f"{title}:每个请求 {each:.2f} 毫秒")
    return each


slow = measure("分两次写            ", (HEAD, BODY), 0)
once = measure("合成一次写          ", (HEAD + BODY,), 0)
nodelay = measure("分两次写,TCP_NODELAY", (HEAD, BODY), 1)
print("分两次写慢 10 倍以上:", slow > 10 * once, slow > 10 * nodelay)
