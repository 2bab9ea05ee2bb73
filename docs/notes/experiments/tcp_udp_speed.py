"""“UDP 比 TCP 快”?传 50 MB,两边都像在以太网上那样一个报文 1472 字节以下。"""
import socket
import threading
import time

TOTAL, PAYLOAD = 50_000_000, 1448  # 字节


def drain(receiver, result):
    """一直收到结束,或者 0.5 秒没有新的。"""
    total = 0
    try:
        while data := receiver.recv(1 << 20):
            total += len(data)
    except TimeoutError:
        pass
    result.append(total)


def measure(title, send, receiver):
    """发 TOTAL 字节,看用时和收到多少。"""
    result = []
    receiver.settimeout(0.5)
    reader = threading.Thread(target=drain, args=(receiver, result))
    reader.start()
    start = time.monotonic()
    send()
    seconds = time.monotonic() - start
    reader.join(10)
    print(f"{title}:发送用 {seconds:.2f} 秒,收到 {result[0] / TOTAL:.0%}")
    return seconds


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.socket()
    sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PAYLOAD + 12)  # 12 字节是时间戳选项
    sender.connect(listener.getsockname())
    receiver, _ = listener.accept()
with sender, receiver:
    def send_tcp():
        sender.sendall(bytes(TOTAL))
        sender.shutdown(socket.SHUT_WR)
    tcp = measure("TCP", send_tcp, receiver)

with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    sender.connect(receiver.getsockname())
    def send_udp():
        for _ in range(TOTAL // PAYLOAD):
            sender.send(bytes(PAYLOAD))
    udp = measure("UDP", send_udp, receiver)
print("UDP 快出一倍:", 2 * udp < tcp)
