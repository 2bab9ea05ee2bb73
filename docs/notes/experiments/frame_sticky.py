"""TCP 没有消息的边界,UDP 有:同样发两次,看收到几块。"""
import socket
import time

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server, _ = listener.accept()
with client, server:
    server.settimeout(2)
    client.sendall(b"one")
    client.sendall(b"two")
    time.sleep(0.2)  # 接收方忙别的去了,两次都到了再收
    print("TCP 发 one、two,一次 recv:", server.recv(1024))
    client.sendall(b"0123456789")
    time.sleep(0.2)
    print("TCP 发一次,recv(4) 三次:", [server.recv(4) for _ in range(3)])

with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2)
    sender.sendto(b"one", receiver.getsockname())
    sender.sendto(b"two", receiver.getsockname())
    print("UDP 发 one、two,两次 recv:", [receiver.recv(1024) for _ in range(2)])
