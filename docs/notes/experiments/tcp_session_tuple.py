"""recvfrom 返回元组,元组永远是真:if recv_data 判断不了客户走没走。"""
import errno
import socket
import time


def connection():
    """一条回环上的连接:客户,服务器。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    server.settimeout(1)
    return client, server


def serve(server):
    """说一句答一句,最多半秒;返回答了几次和怎样停下的。"""
    answers, start = 0, time.monotonic()
    try:
        while time.monotonic() - start < 0.5:
            recv_data = server.recvfrom(1024)
            if not recv_data:  # 想判断客户说完了没有
                return answers, "知道客户说完了"
            server.send(b"hahahah")
            answers += 1
        return answers, "停不下来"
    except TimeoutError:  # 两边的缓冲区都塞满了
        return answers, "停不下来"
    except OSError as error:
        return answers, errno.errorcode[error.errno]


print("bool((b'', None)):", bool((b"", None)))
client, server = connection()
with client, server:
    client.shutdown(socket.SHUT_WR)  # 一句也没说,只是说完了
    answers, end = serve(server)
    print(f"客户只关了自己的方向:半秒里答了 {answers} 次,{end}")
client, server = connection()
with server:
    client.close()
    answers, end = serve(server)
    print(f"客户走了:答了 {answers} 次,{end}")
