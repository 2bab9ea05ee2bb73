"""对照程序共用:命令行里的地址,和「监听 IP:PORT」这一行。"""


def address(text):
    """`127.0.0.1:8080` 变成 ("127.0.0.1", 8080)。"""
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def announce(sock):
    """告诉启动它的人,实际绑定在哪里。"""
    host, port = sock.getsockname()[:2]
    print(f"监听 {host}:{port}", flush=True)
