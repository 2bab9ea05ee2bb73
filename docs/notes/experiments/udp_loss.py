"""没有网线也会丢:接收缓冲满了,后来的报文被内核扔掉,发送方不知道。"""
import socket

COUNT = 200
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # 字节
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(0.3)
    # 接收方这时不取,让缓冲满起来。
    sent = sum(sender.sendto(bytes(1000), receiver.getsockname()) == 1000 for _ in range(COUNT))
    received = 0
    try:
        while True:
            receiver.recv(2048)
            received += 1
    except OSError:  # 超时:缓冲已经取空
        pass
print("sendto 成功的次数:", sent)
print("收到的报文个数:", received)
print("丢了报文:", received < sent)
