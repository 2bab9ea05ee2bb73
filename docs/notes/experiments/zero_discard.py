"""TCP 的 recv 加 MSG_TRUNC:内核把字节丢掉,一个也不复制给你。"""
import socket

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.create_connection(listener.getsockname(), timeout=2)
    receiver, _ = listener.accept()
with sender, receiver:
    receiver.settimeout(2)
    sender.sendall(b"helloworld")
    buffer = bytearray(b".....")
    print("加 MSG_TRUNC:返回", receiver.recv_into(buffer, 5, socket.MSG_TRUNC), "缓冲区", bytes(buffer))
    print("不加:返回", receiver.recv_into(buffer, 5), "缓冲区", bytes(buffer))
