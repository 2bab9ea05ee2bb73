"""接收方 0.3 秒不读:UDP 丢,TCP 让发送方等。两边的接收缓冲一样小。"""
import socket
import threading
import time

COUNT, SIZE = 2000, 1000  # 2 MB,比缓冲大得多
BUFFER = 4096  # 字节


def send_tcp(sender, result):
    """全部发完,记下用时。"""
    start = time.monotonic()
    for _ in range(COUNT):
        sender.sendall(bytes(SIZE))
    result.append(time.monotonic() - start)
    sender.shutdown(socket.SHUT_WR)


with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(0.3)
    start = time.monotonic()
    for _ in range(COUNT):
        sender.sendto(bytes(SIZE), receiver.getsockname())
    quick = time.monotonic() - start < 0.3
    received = 0
    try:
        while receiver.recv(SIZE):
            received += 1
    except TimeoutError:
        pass
    print(f"UDP 发 {COUNT} 个报文,发送方没有等:{quick};收到 {received} 个,全都收到:{received == COUNT}")

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)  # accept 出来的继承它
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=20)
    receiver, _ = listener.accept()
with sender, receiver:
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    receiver.settimeout(20)
    result = []
    writer = threading.Thread(target=send_tcp, args=(sender, result))
    writer.start()
    time.sleep(0.3)
    received = 0
    while data := receiver.recv(1 << 20):
        received += len(data)
    writer.join(20)
    print(f"TCP 发 {COUNT * SIZE} 字节,发送方等了:{result[0] >= 0.3};全都收到:{received == COUNT * SIZE}")
