"""空消息:UDP 的空报文是真报文;TCP 的 send(b"") 什么也不发。"""
import socket

with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2)
    sender.sendto(b"", receiver.getsockname())
    print("UDP 收到一个报文:", receiver.recv(1024))

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server, _ = listener.accept()
with client, server:
    server.settimeout(0.3)
    client.send(b"")
    try:
        print("TCP 收到:", server.recv(1024))
    except OSError:
        print("TCP:等了 0.3 秒,什么也没有")
    client.sendall(bytes(4))  # 分帧以后,空消息是 4 个字节的长度 0
    print("TCP,带长度前缀的空消息:", server.recv(1024).hex(" "))
    client.close()
    print("TCP 的 b'' 只有一个意思,对方不再发了:", server.recv(1024))
