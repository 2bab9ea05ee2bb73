"""组播:加入了组的收到,没有加入的、离开了的收不到。全部在回环接口上。"""
import socket

GROUP, HERE = "239.255.80.80", "127.0.0.1"
MEMBERSHIP = socket.inet_aton(GROUP) + socket.inet_aton(HERE)  # 哪个组,从哪块网卡
IP_MULTICAST_ALL = 49  # Linux;Python 没有这个名字


def receiver(port):
    """绑定在组的端口上,还没有加入组。几个要用同一个端口,所以设 SO_REUSEADDR。"""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # 默认是 1:别的程序加入的组也给它。只要自己加入的。
    sock.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
    sock.bind((GROUP, port))
    sock.settimeout(0.2)
    return sock


def heard(sock):
    """收到了没有。"""
    try:
        return bool(sock.recv(1024))
    except TimeoutError:
        return False


with receiver(0) as first:
    target = first.getsockname()
    with receiver(target[1]) as second, receiver(target[1]) as third, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))

        def send(title):
            sender.sendto(b"hello", target)
            print(f"{title}:", [heard(sock) for sock in (first, second, third)])

        send("都没有加入")
        first.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, MEMBERSHIP)
        second.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, MEMBERSHIP)
        send("前两个加入")
        second.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, MEMBERSHIP)
        send("第二个离开")
        third.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 1)
        send("第三个没有加入,但 IP_MULTICAST_ALL 是默认的 1")
