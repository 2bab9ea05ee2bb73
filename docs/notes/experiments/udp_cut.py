"""接收缓冲太小:一个报文只有一次机会,装不下的部分再也拿不到。"""
import errno
import socket


def receive(sock, size):
    """收一个报文,最多取 size 字节。"""
    try:
        data, _ = sock.recvfrom(size)
        return data
    except OSError as error:  # Windows 不截断,而是报 WSAEMSGSIZE
        return errno.errorcode.get(error.errno, "超时")


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))  # 端口 0:请系统挑一个空闲的
    receiver.settimeout(2)  # 秒;等不到就报错,不永远等下去
    sender.sendto(b"0123456789", receiver.getsockname())
    sender.sendto(b"next", receiver.getsockname())
    print("发出 10 字节,再发出 4 字节")
    print("recvfrom(4):", receive(receiver, 4))
    print("recvfrom(1024):", receive(receiver, 1024))
