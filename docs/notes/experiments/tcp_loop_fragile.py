"""没有接住异常的服务器:一位客户的一个坏字节,后面的人都连不上。"""
import errno
import socket
import threading

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
address = listener.getsockname()


def serve():
    """每位客户答一次;解码没有放进 try,出错就离开了循环。"""
    with listener:
        while True:
            stream, _ = listener.accept()
            with stream:
                text = stream.recv(1024).decode("utf-8")
                stream.sendall(text.upper().encode("utf-8"))


threading.excepthook = lambda args: None  # 本来会打印一大段异常
server = threading.Thread(target=serve, daemon=True)
server.start()
for question in (b"hello", b"\xff", b"hello"):
    with socket.socket() as client:
        client.settimeout(2)
        refused = client.connect_ex(address)
        if refused:
            print(question, "→", errno.errorcode[refused])
            continue
        client.sendall(question)
        print(question, "→", client.recv(1024))
    if question == b"\xff":
        server.join(2)
        print("服务器还在运行:", server.is_alive())
