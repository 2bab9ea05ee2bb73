"""弄丢一个报文,看 TCP 怎样补上。

怎么弄丢:UDP 用过滤器;TCP 用 IP_MINTTL,它叫内核只收 TTL 不小于它的报文,回环上的 TTL 是 64。
"""
import ctypes
import socket
import struct
import time

SO_ATTACH_FILTER, IP_MINTTL = 26, 21  # 只有 Linux 有
TOTAL_RETRANS, OUT_OF_ORDER = 100, 224  # 在 TCP_INFO 里的位置(tcp.h 的 struct tcp_info)
DROP_2 = [(0x30, 0, 0, 8), (0x15, 0, 1, ord("2")), (0x06, 0, 0, 0), (0x06, 0, 0, 1024)]  # BPF:载荷以 2 开头的丢弃


def count(sock, place):
    """TCP_INFO 里的一个数。"""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 228)
    return struct.unpack_from("I", info, place)[0]


def drop(sock, yes):
    """sock 收到的报文全都当作没有到,或者恢复。"""
    sock.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 255 if yes else 0)


def receive(sock, seconds):
    """最多等 seconds 秒,返回收到的。"""
    sock.settimeout(seconds)
    try:
        return sock.recv(1024).decode()
    except TimeoutError:
        return "没有"


def wait_for_retransmission(sender):
    """等到 sender 重传过,最多 5 秒;返回等到没有。"""
    deadline = time.monotonic() + 5
    while not count(sender, TOTAL_RETRANS) and time.monotonic() < deadline:
        time.sleep(0.001)
    return count(sender, TOTAL_RETRANS) > 0


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
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in DROP_2))
    fprog = struct.pack("HP", len(DROP_2), ctypes.addressof(program))
    receiver.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)
    for text in (b"1", b"2", b"3"):
        sender.sendto(text, receiver.getsockname())
    print("UDP 发 1 2 3,丢了 2,三次 recv:", *(receive(receiver, 0.3) for _ in range(3)))

sender, receiver = connection()
with sender, receiver:
    sender.sendall(b"1")
    print("TCP 发 1,recv:", receive(receiver, 2))
    drop(receiver, True)
    sender.sendall(b"2")
    print("  发 2,丢了,重传的也丢了:", wait_for_retransmission(sender), "recv:", receive(receiver, 0.1))
    drop(receiver, False)
    sender.sendall(b"3")  # 3 先到,2 还要等下一次重传
    print("  发 3,recv:", receive(receiver, 5), "不按次序到的报文段:", count(receiver, OUT_OF_ORDER), "个")

sender, receiver = connection()
with sender, receiver:
    drop(sender, True)  # 数据到得了,确认回不来
    sender.sendall(b"hello")
    print("TCP 丢了确认,发送方重传了:", wait_for_retransmission(sender))
    print("  接收方两次 recv:", receive(receiver, 0.3), receive(receiver, 0.3))
