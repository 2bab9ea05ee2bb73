"""一个线程伺候许多客户:事件循环。等、分派、处理,处理时不等任何人。"""
import selectors
import socket
import threading

LIMIT = 1 << 20  # 字节:一位客户欠着这么多没有取走,就先不读他的


class Reactor:
    """回声服务器;每位客户只有一个要发的队列,没有线程。"""

    def __init__(self):
        self.selector = selectors.DefaultSelector()  # 这个系统上最好的一种
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.queues = {}

    def run(self, until):
        """等,然后分派,直到 until() 为真。"""
        while not until():
            for key, events in self.selector.select(timeout=0.1):
                if key.fileobj is self.listener:
                    self.accept()
                    continue
                if events & selectors.EVENT_READ:
                    self.read(key.fileobj)
                if events & selectors.EVENT_WRITE and key.fileobj in self.queues:
                    self.write(key.fileobj)

    def accept(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return  # 他又走了,或者描述符用完了
        client.setblocking(False)
        self.queues[client] = bytearray()
        self.selector.register(client, selectors.EVENT_READ)

    def read(self, client):
        try:
            data = client.recv(65536)
        except BlockingIOError:
            return  # 说是可读,其实没有:下次再说
        except OSError:
            data = b""
        if not data:
            return self.close(client)
        self.queues[client] += data
        self.write(client)

    def write(self, client):
        """能写多少写多少;没写完才请系统告诉我什么时候能写。"""
        queue = self.queues[client]
        try:
            del queue[:client.send(queue)]
        except BlockingIOError:
            pass
        except OSError:
            return self.close(client)
        events = selectors.EVENT_READ if len(queue) < LIMIT else 0
        events |= selectors.EVENT_WRITE if queue else 0
        self.selector.modify(client, events)

    def close(self, client):
        self.selector.unregister(client)
        del self.queues[client]
        client.close()


def main():
    reactor = Reactor()
    done = threading.Event()
    thread = threading.Thread(target=reactor.run, args=(done.is_set,))
    thread.start()
    address = reactor.listener.getsockname()
    silent = socket.create_connection(address, timeout=5)  # 第一位连上就不说话
    clients = [socket.create_connection(address, timeout=5) for _ in range(100)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    answers = [client.recv(1024) for client in clients]
    print("第一位不说话,后面 100 位都有回答:", answers == [b"%d" % number for number in range(100)])
    silent.sendall(b"at last")
    print("他终于说了,也有回答:", silent.recv(1024))
    print("服务器用了几个线程:", threading.active_count() - 1)  # 减去客户端所在的主线程
    done.set()
    thread.join(5)


main()
