"""创建套接字:只是请内核准备一个对象,还没有端口,也没有任何报文。"""
import socket


def local(sock):
    """套接字的本地地址。"""
    try:
        return "%s:%d" % sock.getsockname()
    except OSError:  # Windows:没有绑定的套接字还没有地址
        return "0.0.0.0:0"


with socket.socket() as default, socket.socket(type=socket.SOCK_DGRAM) as udp:
    print("不写参数:", default.family.name, default.type.name)
    print("udp:", udp.family.name, udp.type.name)
    print("fileno 是整数:", isinstance(udp.fileno(), int))
    print("刚创建时的本地地址:", local(udp))
    udp.bind(("127.0.0.1", 0))
    print("bind 之后有端口:", udp.getsockname()[1] != 0)
print("close 之后的 fileno:", udp.fileno())
