"""Linux:问答 200 次,短连接和长连接各留下多少个 TIME-WAIT,在哪一头。"""
import socket

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

TIMES = 200


def waiting(port):
    """TIME-WAIT 的行数:本地端口是 port 的(服务器一头),远端端口是 port 的(客户端一头)。"""
    ends = [f":{port:04X}"] * 2
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split()[1:4] for line in table]
    local = sum(row[0].endswith(ends[0]) and row[2] == "06" for row in rows)
    remote = sum(row[1].endswith(ends[1]) and row[2] == "06" for row in rows)
    return f"客户端一头 {remote} 个,服务器一头 {local} 个"


def ask(client, server):
    """一问一答。"""
    client.sendall(b"?")
    server.sendall(server.recv(1).replace(b"?", b"!"))
    return client.recv(1)


def close(first, second):
    first.close()
    second.recv(1)  # 空:对方先关
    second.close()


def run(title, connections, server_first):
    """共问答 TIMES 次,平均分给各条连接。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        for _ in range(connections):
            client = socket.create_connection(listener.getsockname(), timeout=2)
            server = listener.accept()[0]
            for _ in range(TIMES // connections):
                ask(client, server)
            close(*((server, client) if server_first else (client, server)))
        print(f"{title}:{waiting(listener.getsockname()[1])}")


run("短连接,服务器先关", TIMES, server_first=True)
run("短连接,客户端先关", TIMES, server_first=False)
run("一条长连接,客户端先关", 1, server_first=False)
