"""弄丢一个报文段,看 TCP 怎样补上:给套接字装一个过滤器,内核把符合的报文当作没有到。"""
import ctypes
import socket
import struct
import time

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27  # 只有 Linux 有
TOTAL_RETRANS = 100  # 在 TCP_INFO 里的位置:重传过几次(tcp.h 的 struct tcp_info)
# 过滤器是一小段 BPF 程序,看的是 TCP 头或 UDP 头开始的字节;返回 0 就丢弃。
TCP_PAYLOAD = [(0x30, 0, 0, 12), (0x74, 0, 0, 2), (0x54, 0, 0, 0x3C), (0x07, 0, 0, 0), (0x50, 0, 0, 0)]
UDP_PAYLOAD = [(0x30, 0, 0, 8)]
DROP_2 = [(0x15, 0, 1, ord("2")), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF)]  # 载荷以 2 开头的丢弃
DROP_ALL = [(0x06, 0, 0, 0)]


def attach(sock, program):
    """从现在起,sock 收到的每个报文先问过滤器。"""
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    fprog = struct.pack("HP", len(program), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)


def detach(sock):
    """拿掉过滤器。"""
    sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def receive(sock, seconds):
    """最多等 seconds 秒,返回收到的。"""
    sock.settimeout(seconds)
    try:
        return sock.recv(1024).decode()
    except TimeoutError:
        return "没有"


def retransmissions(sock):
    """这条连接重传过几次。"""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("I", info, TOTAL_RETRANS)[0]


def connection():
    """一条回环上的连接:发送方,接收方。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sender = socket.create_connection(listener.getsockname(), timeout=5)
        receiver, _ = listener.accept()
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 一次 send 一个报文段
    return sender, receiver


with socket.socket(type=socket.SOCK_DGRAM) as sender, socket.socket(type=socket.SOCK_DGRAM) as receiver:
    receiver.bind(("127.0.0.1", 0))
    attach(receiver, UDP_PAYLOAD + DROP_2)
    for text in (b"1", b"2", b"3"):
        sender.sendto(text, receiver.getsockname())
    print("UDP 发 1 2 3,丢了 2,三次 recv:", *(receive(receiver, 0.3) for _ in range(3)))

sender, receiver = connection()
with sender, receiver:
    attach(receiver, TCP_PAYLOAD + DROP_2)
    for text in (b"1", b"2", b"3"):
        sender.sendall(text)
    print("TCP 发 1 2 3,丢了 2,三次 recv:", *(receive(receiver, 0.1) for _ in range(3)))
    detach(receiver)  # 路通了,程序什么也不做
    print("  路通以后 recv:", receive(receiver, 5), "发送方重传过:", retransmissions(sender) > 0)

sender, receiver = connection()
with sender, receiver:
    attach(sender, DROP_ALL)  # 数据到得了,确认回不来
    sender.sendall(b"hello")
    deadline = time.monotonic() + 5
    while not retransmissions(sender) and time.monotonic() < deadline:
        time.sleep(0.01)
    print("TCP 丢了确认,发送方重传过:", retransmissions(sender) > 0)
    print("  接收方两次 recv:", receive(receiver, 0.3), receive(receiver, 0.3))
