"""listen(1) 不是“最多一个客户”:它只管排队等 accept 的人数。"""
import socket

COUNT = 50
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    pairs = []
    for _ in range(COUNT):
        client = socket.create_connection(listener.getsockname(), timeout=2)
        server, _ = listener.accept()  # 及时取走,队列就空了
        pairs.append((client, server))
    answered = 0
    for client, server in pairs:  # 所有连接都还开着,每一条都能用
        client.sendall(b"ping")
        answered += server.recv(1024) == b"ping"
    print(f"listen(1):同时打开 {len(pairs)} 条连接,可用 {answered} 条")
    for pair in pairs:
        for sock in pair:
            sock.close()
