"""Linux:读到空却忘了 close,连接就停在 CLOSE-WAIT:对方有期限,自己没有。"""
import socket
import time

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去


def rows(port, at_server):
    """服务器(或客户端)一头的各条连接:状态的编号,计时器。"""
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            fields = line.split()
            if fields[1 if at_server else 2].endswith(f":{port:04X}") and fields[3] != "0A":
                yield fields[3], fields[5].split(":")[0]


def count(title, rows, state):
    """在 state 里的有几条,其中几条内核给定了期限。"""
    timers = [timer for code, timer in rows if code == state]
    print(f"{title}:{len(timers)} 条,有期限的 {sum(timer != '00' for timer in timers)} 条")


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    forgotten = []
    for _ in range(5):
        with socket.create_connection(listener.getsockname(), timeout=2):
            server = listener.accept()[0]
        assert server.recv(1) == b""  # 对方说完了,也走了
        forgotten.append(server)  # 该 close 而没有
    deadline = time.monotonic() + 2  # 对 FIN 的确认可能晚 40 毫秒
    while sum(code == "05" for code, _ in rows(port, at_server=False)) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    count("客户端一头 FIN-WAIT-2", rows(port, at_server=False), "05")
    count("服务器一头 CLOSE-WAIT", rows(port, at_server=True), "08")
    for server in forgotten:
        server.close()
    count("都 close 以后,CLOSE-WAIT", rows(port, at_server=True), "08")
