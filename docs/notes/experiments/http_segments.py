"""一条连接上的报文段:问 1 次就关,和问 10 次再关(Linux 的 TCP_INFO)。"""
import socket
import struct
import threading

SEGS_OUT, SEGS_IN = 136, 140  # 在 TCP_INFO 里的位置:发出、收到几个报文段(tcp.h 的 struct tcp_info)
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def exactly(stream, length):
    data = b""
    while len(data) < length:
        data += stream.recv(length - len(data))


def serve(count):
    for _ in range(count):
        stream, _ = listener.accept()
        with stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while stream.recv(1024):
                stream.sendall(ANSWER)


def connection(requests):
    """一条连接问 requests 次,返回这条连接上(两个方向)的报文段。"""
    with socket.create_connection(listener.getsockname(), timeout=5) as client:
        for _ in range(requests):
            client.sendall(REQUEST)
            exactly(client, len(ANSWER))
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""  # 对方也关了
        info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 144)
        return sum(struct.unpack_from("I", info, place)[0] for place in (SEGS_OUT, SEGS_IN))


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(11,), daemon=True).start()
short = sum(connection(1) for _ in range(10))
long = connection(10)
print(f"短连接 10 条,每条 1 个请求:{short} 个报文段")
print(f"长连接 1 条,10 个请求:{long} 个报文段")
print("长连接不到一半:", long * 2 < short)
