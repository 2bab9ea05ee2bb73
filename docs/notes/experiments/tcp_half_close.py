"""怎样告诉对方“我说完了”,又还能听回答:什么也不做、close、shutdown,三种比一比。"""
import socket
import threading


def add(listener):
    """把一行一个的数加起来,对方说完了才回答。"""
    server, _ = listener.accept()
    server.settimeout(1)
    with server:
        try:
            text = b""
            while data := server.recv(1024):  # 读到空:对方说完了
                text += data
            server.sendall(b"%d\n" % sum(map(int, text.split())))
        except TimeoutError:
            print("  服务器:等不到“说完了”,放弃")


def ask(title, finish):
    """发三个数,用 finish 表示说完,再等答案。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = threading.Thread(target=add, args=(listener,))
        server.start()
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            client.sendall(b"1\n2\n3\n")
            finish(client)
            try:
                answer = client.recv(1024)
            except OSError as error:
                answer = f"{type(error).__name__}:套接字已经还回去了"
            server.join(5)
            print(f"{title}:{answer}")


ask("什么也不做", lambda client: None)
ask("close", lambda client: client.close())
ask("shutdown(SHUT_WR)", lambda client: client.shutdown(socket.SHUT_WR))
