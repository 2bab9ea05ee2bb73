"""Linux:两个 UDP 套接字都设 SO_REUSEADDR,就能绑同一个端口——但只有一个收得到。"""
import socket


def shared(port):
    """设了 SO_REUSEADDR 再绑定的 UDP 套接字。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.settimeout(0.2)
    return sock


def count(sock):
    """取空一个套接字,返回报文个数。"""
    received = 0
    try:
        while True:
            sock.recv(1024)
            received += 1
    except OSError:  # 超时:没有了
        return received


with shared(0) as first, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    with shared(first.getsockname()[1]) as second:
        print("两个都绑定成功:", first.getsockname() == second.getsockname())
        for _ in range(10):
            sender.sendto(b"x", first.getsockname())
        print(f"发出 10 个:先绑的收到 {count(first)},后绑的收到 {count(second)}")
