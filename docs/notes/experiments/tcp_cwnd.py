"""两个控制,两个数:接收方说的窗口(流量控制),发送方自己定的窗口(拥塞控制)。"""
import socket
import struct
import threading
import time

IP_MINTTL = 21  # 只收 TTL 不小于它的报文;只有 Linux 有
SND_CWND, SND_WND = 80, 228  # 在 TCP_INFO 里的位置(tcp.h 的 struct tcp_info)
SIZE = 50_000_000


def field(sock, place):
    """TCP_INFO 里的一个数。"""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 240)
    return struct.unpack_from("I", info, place)[0]


def show(title):
    """两个窗口现在多大。"""
    print(f"{title}:拥塞窗口 {field(sender, SND_CWND)} 个报文段,对方的窗口 {field(sender, SND_WND)} 字节")


def wait(condition):
    """等到 condition,最多 5 秒;返回等到没有。"""
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def read(size):
    """接收方收满 size 字节,收到就扔。"""
    while size:
        size -= len(receiver.recv(min(size, 1 << 20)))


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=5)
    receiver, _ = listener.accept()
with sender, receiver:
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
    receiver.settimeout(5)
    show("刚连上")
    reader = threading.Thread(target=read, args=(SIZE,))
    reader.start()
    sender.sendall(bytes(SIZE))
    reader.join(5)
    show("传了 50 MB")

    receiver.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 255)  # 回环上的 TTL 是 64:全都当作没有到
    sender.sendall(bytes(1000))
    shrunk = wait(lambda: field(sender, SND_CWND) < 10)
    show("路上丢了")
    receiver.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 0)
    read(1000)

    sender.setblocking(False)
    full = time.monotonic() + 5
    while field(sender, SND_WND) and time.monotonic() < full:
        try:
            sender.send(bytes(65536))  # 对方不读
        except BlockingIOError:
            time.sleep(0.005)
    show("对方不读")
    print("丢失使拥塞窗口变小:", shrunk, "不读使对方的窗口变成 0:", field(sender, SND_WND) == 0)
