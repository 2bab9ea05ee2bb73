"""说完「再见」马上说 quit:对方一次收到几句,由不得你。"""
import socket

with socket.create_server(("127.0.0.1", 0)) as listener:
    client = socket.create_connection(listener.getsockname(), timeout=2)
    server, _ = listener.accept()
    client.sendall("再见".encode())
    client.sendall(b"quit")
    client.close()
    # 等到末尾也到了再收:两句都在缓冲区里。
    server.settimeout(2)
    while len(server.recv(1024, socket.MSG_PEEK)) < 10:
        pass
    heard = server.recv(1024).decode()
    print(f"收到:{heard},是 quit 吗?{heard == 'quit'}")
    print(f"再收:{server.recv(1024)!r},这才是靠得住的结束")
    server.close()
