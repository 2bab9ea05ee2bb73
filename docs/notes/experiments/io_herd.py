"""惊群:8 个线程等同一个监听套接字,来了一位客户,叫醒了几个。"""
import select
import socket
import threading
import time
from pathlib import Path

WAITERS = 8


def switches(thread):
    """线程睡过几次:每次醒来再睡,就多一次。"""
    for line in Path(f"/proc/self/task/{thread.native_id}/status").read_text().splitlines():
        if line.startswith("voluntary_ctxt_switches"):
            return int(line.split()[1])


def wait_epoll(listener, flags):
    """用自己的 epoll 等。"""
    with select.epoll() as epoll:
        epoll.register(listener, select.EPOLLIN | flags)
        epoll.poll(5)


def wait_accept(listener, _):
    """直接停在 accept 上。"""
    try:
        listener.accept()[0].close()
    except OSError:  # 实验结束,监听套接字关了
        pass


def experiment(title, wait, flags=0):
    """等的线程都睡着了,再来一位客户,没有人接他。"""
    done = threading.Event()

    def waiter():
        wait(listener, flags)
        done.wait(5)  # 醒了的不退出,等着被数

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threads = [threading.Thread(target=waiter) for _ in range(WAITERS)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        before = [switches(thread) for thread in threads]
        with socket.create_connection(listener.getsockname(), timeout=2):
            time.sleep(0.3)
            after = [switches(thread) for thread in threads]
            print(f"{title}:叫醒了 {sum(now > then for now, then in zip(after, before))} 个")
            done.set()
            listener.shutdown(socket.SHUT_RDWR)  # 让还在等的都回来
            for thread in threads:
                thread.join(5)


experiment("各有一个 epoll", wait_epoll)
experiment("各有一个 epoll,EPOLLEXCLUSIVE", wait_epoll, select.EPOLLEXCLUSIVE)
experiment("都停在 accept", wait_accept)
