"""没有数据可收时的三种行为:一直等、等到超时、马上返回错误。"""
import errno
import socket


def attempt(action):
    """执行 action,说明它怎样失败。"""
    try:
        return action()
    except OSError as error:
        if error.errno is None:
            return "超时"
        return f"{type(error).__name__},{errno.errorcode[error.errno]}"


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as listener:
    udp.bind(("127.0.0.1", 0))
    print("新套接字的 gettimeout:", udp.gettimeout(), "(一直等)")
    udp.settimeout(0.2)
    print("settimeout(0.2) 后 recv:", attempt(lambda: udp.recv(1024)))
    udp.setblocking(False)
    print("setblocking(False) 后 gettimeout:", udp.gettimeout())
    print("setblocking(False) 后 recv:", attempt(lambda: udp.recv(1024)))

    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.settimeout(0.2)
    print("settimeout 对 accept 也有效:", attempt(listener.accept))
