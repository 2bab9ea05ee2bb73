"""同一个名字,系统给出一串地址:程序要自己从里面选。"""
import socket

for name in ("localhost", "127.0.0.1", "::1"):
    found = socket.getaddrinfo(name, 80, type=socket.SOCK_DGRAM)
    print(name, "→", [address[0] for *_, address in found])
