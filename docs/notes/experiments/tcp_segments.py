"""字节流没有长度限制,报文段有:一次 send,许多报文段;许多次 send,也可以是很少的报文段。"""
import socket
import struct
import threading

DATA_SEGS_OUT = 156  # 在 TCP_INFO 里的位置:发出了几个有载荷的报文段(tcp.h 的 struct tcp_info)


def connection(mss=None):
    """一条回环上的连接:发送方,接收方;mss 是请内核用的最大报文段。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sender = socket.socket()
        sender.settimeout(10)
        if mss:
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
        sender.connect(listener.getsockname())
        receiver, _ = listener.accept()
    receiver.settimeout(10)
    return sender, receiver


def drain(receiver):
    """收到结束为止。"""
    while receiver.recv(1 << 20):
        pass


def measure(title, pieces, mss=None, cork=False):
    """把 pieces 逐个 send,返回用了几个报文段。"""
    sender, receiver = connection(mss)
    with sender, receiver:
        reader = threading.Thread(target=drain, args=(receiver,))
        reader.start()
        largest = sender.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, cork)  # 塞住:攒够一个报文段才发
        for piece in pieces:
            sender.sendall(piece)
        sender.shutdown(socket.SHUT_WR)
        reader.join(10)
        info = sender.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
    segments = struct.unpack_from("I", info, DATA_SEGS_OUT)[0]
    print(f"{title}:MSS {largest} 字节,{segments} 个报文段")
    return segments


MEBIBYTE = bytes(1 << 20)
loopback = measure("一次 send 1 MiB", [MEBIBYTE])
ethernet = measure("一次 send 1 MiB,MSS 像以太网", [MEBIBYTE], mss=1460)
corked = measure("1000 次 send 1 字节,先攒着", [b"x"] * 1000, cork=True)
print("一次 send 用了许多报文段:", 1 < loopback < ethernet, "许多次 send 用了很少的:", corked < 100)
