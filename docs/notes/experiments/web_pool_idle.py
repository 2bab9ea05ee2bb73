"""两个工作线程,三位客户,都用长连接:前两位问完了闲着不走,第三位永远轮不到。"""
import concurrent.futures
import socket
import threading


def work(stream, patience):
    """一位工作线程服务一条连接,直到客户走了,或者闲了 patience 秒。"""
    with stream, stream.makefile("rb") as source:
        stream.settimeout(patience)
        try:
            while source.readline():
                while source.readline().strip():
                    pass
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        except TimeoutError:
            pass  # 闲得太久,让出位置


def accept_forever(listener, pool, patience):
    while True:
        try:
            stream, _ = listener.accept()
        except OSError:
            return
        pool.submit(work, stream, patience)


def experiment(title, patience):
    pool = concurrent.futures.ThreadPoolExecutor(2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept_forever, args=(listener, pool, patience), daemon=True).start()
        outcomes, clients = [], []
        for _ in range(3):
            client = socket.create_connection(listener.getsockname(), timeout=1)
            clients.append(client)
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                outcomes.append(client.recv(1024).split()[1].decode())
            except TimeoutError:
                outcomes.append("等了 1 秒,没有回答")
        print(f"{title}:{'、'.join(outcomes)}")
        for client in clients:
            client.close()
    pool.shutdown()


experiment("闲着也占着      ", 10)
experiment("闲 0.2 秒就让出来", 0.2)
