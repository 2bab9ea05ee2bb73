"""三个套接字绑同一个端口:单播只给一个,广播和组播每个都给。"""
import socket

GROUP, EVERYONE, HERE = "239.255.80.80", "127.255.255.255", "127.0.0.1"


def receiver(port, option):
    """绑定在所有地址上,加入了组。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, option, 1)
    sock.bind(("0.0.0.0", port))
    membership = socket.inet_aton(GROUP) + socket.inet_aton(HERE)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    sock.settimeout(0.2)
    return sock


def count(sock):
    """取空一个套接字,返回报文个数。"""
    received = 0
    try:
        while True:
            sock.recv(1024)
            received += 1
    except TimeoutError:
        return received


for name in ("SO_REUSEADDR", "SO_REUSEPORT"):
    option = getattr(socket, name)
    first = receiver(0, option)
    port = first.getsockname()[1]
    with first, receiver(port, option) as second, receiver(port, option) as third, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((HERE, 0))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))
        for title, target in (("单播", HERE), ("广播", EVERYONE), ("组播", GROUP)):
            for _ in range(10):
                sender.sendto(b"hello", (target, port))
            received = [count(sock) for sock in (first, second, third)]
            same = "只有一个收到" if sorted(received) == [0, 0, 10] else "每个都收到" if received == [10] * 3 else received
            print(f"{name} {title} 10 个:{same}")
