"""一个 IPv4 的 UDP 报文最多带 65507 字节,多一个字节也发不出去。"""
import errno
import socket

print("65535 - 20(IP 头)- 8(UDP 头)=", 65535 - 20 - 8)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262144)
    # macOS 默认只许发 9216 字节,发送缓冲放大以后才到协议的上限。
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 131072)
    for size in (65507, 65508):
        try:
            sent = sender.sendto(bytes(size), receiver.getsockname())
            data, _ = receiver.recvfrom(65535)
            print(f"{size} 字节:发出 {sent},收到 {len(data)}")
        except OSError as error:
            print(f"{size} 字节:发不出去,{errno.errorcode[error.errno]}")
