"""一次 recv(1024) 就当作一个请求:四种不成立的时候。"""
import socket
import threading


def answer(data):
    """照收到的字节回答。"""
    words = data.split(b" ")
    found = len(words) > 1 and words[1] in (b"/", b"/style.css")
    status, body = (b"200 OK", b"found") if found else (b"404 Not Found", b"none")
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def serve(listener, once):
    stream, _ = listener.accept()
    with stream:
        while data := stream.recv(1024):
            stream.sendall(answer(data))
            if once:
                break  # 答一次就关闭


def ask(title, pieces, once=False):
    """一块一块地发,每一块之后等到了回答(或者确认没有)才发下一块,最后看回答。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, once))
        thread.start()
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            received = b""
            for piece in pieces[:-1]:
                client.sendall(piece)
                received += client.recv(1024)  # 服务器已经把这一块当作请求了
            client.sendall(pieces[-1])
            try:
                if not once:
                    client.shutdown(socket.SHUT_WR)
                while data := client.recv(1024):
                    received += data
                end = ""
            except ConnectionResetError:
                end = ",然后复位"
            statuses = [part[:3].decode() for part in received.split(b"HTTP/1.1 ")[1:]]
            print(f"{title}:回答 {' '.join(statuses)}{end}")
        thread.join(5)


REST = b" HTTP/1.1\r\nHost: x\r\n\r\n"
COOKIE = b" HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 2000 + b"\r\n\r\n"
ask("一个请求,一次到        ", [b"GET /style.css" + REST])
ask("请求行在中间断开       ", [b"GET /st", b"yle.css" + REST])
ask("一个请求,头有 2,000 多字节", [b"GET /style.css" + COOKIE])
ask("同上,答一次就关闭      ", [b"GET /style.css" + COOKIE], once=True)
ask("两个请求,一次到        ", [b"GET /" + REST + b"GET /style.css" + REST])
