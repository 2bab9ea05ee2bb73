"""广播和组播的几个选项,默认是什么;IPv6 有没有广播。"""
import errno
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    print("SO_BROADCAST(让不让往广播地址发):", sock.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST))
    print("IP_MULTICAST_TTL(组播走几段路):", sock.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL))
    print("IP_MULTICAST_LOOP(给不给本机的成员):", sock.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP))

with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
    print("IPV6_MULTICAST_HOPS:", sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS))
    sock.bind(("::1", 0))
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, 1)  # 回环接口的编号
    try:
        sock.sendto(b"hello", ("ff11::8080", 8090))
        print("IPv6 组播从回环接口:发出")
    except OSError as error:
        print("IPv6 组播从回环接口:", errno.errorcode[error.errno])
