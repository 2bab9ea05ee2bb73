"""广播是一对所有:一个报文,同一个网里每个等着的套接字都收到。必须先打开开关。"""
import errno
import socket

EVERYONE = "127.255.255.255"  # 回环网络的广播地址,不出本机


def receiver(port):
    """等在广播地址上的套接字;几个要用同一个端口,所以设 SO_REUSEADDR。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((EVERYONE, port))
    sock.settimeout(2)
    return sock


first = receiver(0)
target = first.getsockname()
with first, receiver(target[1]) as second, receiver(target[1]) as third, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    try:
        sender.sendto(b"hello", target)
    except OSError as error:
        print("没开 SO_BROADCAST:", errno.errorcode[error.errno])
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sender.sendto(b"hello", target)
    print("发出一个报文,三个接收者:", [sock.recv(1024) for sock in (first, second, third)])
