"""对方端口没有人:没有 connect 的套接字白等,connect 过的收到拒绝。"""
import errno
import socket

# 先要一个端口再还回去:这个端口上此刻没有人。
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
    nobody.bind(("127.0.0.1", 0))
    closed = nobody.getsockname()

for connected in (False, True):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        if connected:
            client.connect(closed)  # 只记下对方是谁,网上没有任何报文
            sent = client.send(b"hello")
        else:
            sent = client.sendto(b"hello", closed)
        try:
            answer = client.recv(1024)
        except OSError as error:  # 超时没有错误码
            answer = errno.errorcode.get(error.errno, "等了 1 秒,超时")
        print(f"{'已' if connected else '未'} connect:发出 {sent} 字节;recv:{answer}")
