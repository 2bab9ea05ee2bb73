"""一个线程停在 accept 里,别的线程怎样叫它停下(Linux)?"""
import socket
import threading


def waiting():
    """一个监听套接字,和停在它的 accept 里的线程。"""
    listener = socket.create_server(("127.0.0.1", 0))
    woken = threading.Event()
    entered = threading.Event()

    def accept():
        entered.set()
        try:
            listener.accept()[0].close()
        except OSError:
            pass
        woken.set()

    threading.Thread(target=accept, daemon=True).start()
    entered.wait(2)
    woken.wait(0.2)  # 给它一点时间停到 accept 里
    return listener, listener.getsockname(), woken


listener, address, woken = waiting()
listener.close()
print("关闭监听套接字,accept 醒了吗?", woken.wait(0.5))
with socket.create_connection(address, timeout=2):
    print("关闭以后还连得上,连上以后醒了吗?", woken.wait(2))

listener, address, woken = waiting()
socket.create_connection(address, timeout=2).close()
print("连自己一次,accept 醒了吗?", woken.wait(2))
listener.close()
