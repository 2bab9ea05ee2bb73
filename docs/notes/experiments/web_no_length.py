"""没有 Content-Length,也不关闭连接:内容早就到了,客户还在等。"""
import http.client
import socket
import threading


def serve(listener, answer, closes):
    """收一个请求,答一次;之后关闭,或者开着。"""
    stream, _ = listener.accept()
    with stream:
        stream.recv(1024)
        stream.sendall(answer)
        if not closes:
            stream.recv(1024)  # 等下一个请求,直到客户走了


def experiment(title, answer, closes):
    """用 Python 自带的 HTTP 客户端问一次,最多等 1 秒。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, answer, closes))
        thread.start()
        client = http.client.HTTPConnection(*listener.getsockname(), timeout=1)
        client.request("GET", "/")
        response = client.getresponse()
        body = response.read1(100)
        try:
            body += response.read()
            print(f"{title}:{body},完了")
        except TimeoutError:
            print(f"{title}:{body},等了 1 秒,不知道完没完")
        response.close()
        client.close()
        thread.join(5)


START = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
experiment("没有长度,不关闭", START + b"\r\nhello", closes=False)
experiment("没有长度,关闭  ", START + b"\r\nhello", closes=True)
experiment("有长度,不关闭  ", START + b"Content-Length: 5\r\n\r\nhello", closes=False)
