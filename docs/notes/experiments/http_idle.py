"""服务器嫌闲,关了连接;客户正好又问了一句。"""
import http.client
import socket
import threading


def serve(listener, said):
    """每条连接答一次就关闭;said 是关闭之前说没说。"""
    for _ in range(2):
        stream, _ = listener.accept()
        with stream:
            stream.recv(1024)
            field = b"Connection: close\r\n" if said else b""
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + field + b"\r\nhello")


def ask(client):
    client.request("GET", "/")
    return client.getresponse().read().decode()


def experiment(title, said):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, said))
        thread.start()
        client = http.client.HTTPConnection(*listener.getsockname(), timeout=5)
        outcomes = [ask(client)]
        try:
            outcomes.append(ask(client))
        except (http.client.RemoteDisconnected, ConnectionError):
            client.close()  # GET 是幂等的:换一条连接再问一次
            outcomes += ["连接没有了,再问一次", ask(client)]
        client.close()
        thread.join(5)
        print(f"{title}:{'、'.join(outcomes)}")


experiment("没有说就关", False)
experiment("说了 close ", True)
