"""一个接口可以有几个地址,一个端口从每个地址都收得到:地址是接口的,端口是传输层的。"""
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
    receiver.settimeout(2)
    receiver.bind(("0.0.0.0", 0))
    port = receiver.getsockname()[1]
    for address in ("127.0.0.1", "127.0.0.2", "127.200.3.4"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hello", (address, port))
            data, _ = receiver.recvfrom(1024)
            print(f"发到 {address} 的同一个端口:{data.decode()}")
