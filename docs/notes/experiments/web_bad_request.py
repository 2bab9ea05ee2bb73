"""一个看不懂的请求:线程死了,连接却没有关,客户一直等。"""
import socket
import threading

threading.excepthook = lambda args: print("线程死了:", args.exc_type.__name__, flush=True)


def work(stream):
    while True:
        data = stream.recv(1024).decode()
        if not data:
            break
        path = data.split(" ")[1]
        stream.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(path)}\r\n\r\n{path}".encode())
    stream.close()


def accept_forever(listener):
    while True:
        stream, _ = listener.accept()  # 主线程的这个变量也指着连接,直到下一位客户来
        threading.Thread(target=work, args=(stream,), daemon=True).start()


def ask(data):
    client = socket.create_connection(listener.getsockname(), timeout=1)
    client.sendall(data)
    return client


def ending(client):
    try:
        return f"收到 {client.recv(1024)}"
    except TimeoutError:
        return "等了 1 秒,没有回答,也没有关闭"


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept_forever, args=(listener,), daemon=True).start()
first = ask(b"GARBAGE")
print("GARBAGE:", ending(first))
second = ask(b"")
print("下一位来了以后,第一位:", ending(first))
second.sendall(b"\xff\xfe")
print("不是 UTF-8 的:", ending(second))
