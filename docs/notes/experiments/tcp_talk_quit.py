"""只认得对方说的 quit 的对话程序:谁先说,卡住的都是说 quit 的那一方。"""
import socket


def open_line():
    """一条连接的两头:服务器的,客户端的。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=2)
        server, _ = listener.accept()
        server.settimeout(2)
        return server, client


def hears_quit(sock):
    """听一句;是 quit 就离开,连接关闭。"""
    if sock.recv(1024) == b"quit":
        sock.close()


def go_on(name, sock):
    """说 quit 的一方没有离开:再听,再说。"""
    print(f"  {name}再听:{sock.recv(1024)!r}")
    for turn in ("第一句", "第二句"):
        try:
            print(f"  {name}再说{turn}:send 返回 {sock.send(b'hello')}")
        except OSError as error:
            print(f"  {name}再说{turn}:{type(error).__name__}")
    sock.close()


server, client = open_line()
print("客户端先说 quit,服务器走了:")
client.sendall(b"quit")
hears_quit(server)
go_on("客户端", client)

server, client = open_line()
print("服务器先说 quit,客户端走了:")
server.sendall(b"quit")
hears_quit(client)
go_on("服务器", server)
