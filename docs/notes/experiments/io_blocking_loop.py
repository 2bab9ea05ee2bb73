"""事件循环里等一下,等的是所有人:一位客户的事要 0.5 秒,别人的回答也晚 0.5 秒。"""
import selectors
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def slow_work(client):
    """要 0.5 秒的事,例如查数据库、算一个大数、读慢的磁盘。"""
    time.sleep(0.5)
    client.sendall(b"slow")


def serve(pairs, work):
    """直到所有客户都说完;说 slow 的交给 work,别的马上回答。"""
    with selectors.DefaultSelector() as selector:
        for _, server in pairs:
            selector.register(server, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                data = key.fileobj.recv(1024)
                if data == b"slow":
                    work(key.fileobj)
                elif data:
                    key.fileobj.sendall(data)
                else:
                    selector.unregister(key.fileobj)


def experiment(title, work):
    """先来一位慢的,再来一位快的,看快的等了多久。"""
    pairs = [socket.socketpair() for _ in range(2)]
    loop = threading.Thread(target=serve, args=(pairs, work))
    (slow, _), (quick, _) = pairs
    slow.sendall(b"slow")
    loop.start()
    time.sleep(0.05)  # 循环已经在做慢的事
    start = time.monotonic()
    quick.sendall(b"quick")
    quick.settimeout(5)
    quick.recv(1024)
    waited = time.monotonic() - start
    print(f"{title}:快的客户等了 {waited:.2f} 秒,被拖累:{waited > 0.2}")
    slow.settimeout(5)
    slow.recv(1024)
    for client, _ in pairs:
        client.close()
    loop.join(5)
    for _, server in pairs:
        server.close()


experiment("在循环里做", slow_work)
with ThreadPoolExecutor() as pool:
    experiment("交给别的线程做", lambda client: pool.submit(slow_work, client))
