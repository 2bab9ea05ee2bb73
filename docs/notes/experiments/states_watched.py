"""一条给人监看的连接:每按一次回车走一步。服务器先关。"""
import socket
import sys

port = int(sys.argv[1])
listener = socket.socket()
listener.bind(("127.0.0.1", port))
listener.listen()
client = server = None


def connect():
    global client, server
    client = socket.create_connection(("127.0.0.1", port), timeout=5)
    server, _ = listener.accept()


def say_the_end():
    server.shutdown(socket.SHUT_WR)
    client.settimeout(5)
    assert client.recv(1) == b""


def close_client():
    client.close()


for title, action in [
    ("服务器监听", lambda: None),
    ("客户端连接", connect),
    ("服务器说完了", say_the_end),
    ("客户端关闭", close_client),
]:
    action()
    print(title, flush=True)
    sys.stdin.readline()
