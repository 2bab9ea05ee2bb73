"""不认得流的末尾的服务器:客户早就走了,它还在收。"""
import socket
import time

STATES = {"01": "ESTABLISHED", "05": "FIN_WAIT2", "06": "TIME_WAIT", "08": "CLOSE_WAIT"}


def state(local, remote):
    """内核记着的状态(只有 Linux 有 /proc/net/tcp)。"""
    with open("/proc/net/tcp") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            ports = [int(fields[column].split(":")[1], 16) for column in (1, 2)]
            if ports == [local, remote]:
                return STATES.get(fields[3], fields[3])
    return "没有了"


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port), timeout=2)
    client_port = client.getsockname()[1]
    stream, _ = listener.accept()
    client.sendall(b"hello")
    stream.sendall(stream.recv(1024).upper())
    client.recv(1024)
    client.close()  # 听完回答,走了
    next_client = socket.create_connection(("127.0.0.1", port), timeout=2)  # 下一位在排队
    next_client.sendall(b"anyone?")

    empty, cpu, start = 0, time.process_time(), time.monotonic()
    while time.monotonic() - start < 1:  # 本来是 while True
        data = stream.recv(1024)
        stream.sendall(data.upper())  # 没有 if not data: break
        empty += not data
    cpu = time.process_time() - cpu
    print(f"1 秒里,recv 返回 b'' {empty} 次,用了 CPU {cpu:.2f} 秒")
    print("服务器这一头:", state(port, client_port))
    print("客户那一头:", state(client_port, port))
    next_client.settimeout(0.1)
    try:
        next_client.recv(1024)
    except TimeoutError:
        print("下一位:连上了,一直没有回答")
    next_client.close()
    stream.close()
