"""一直登记“可写”:发送缓冲几乎总是有空,循环一刻不停。"""
import select
import socket
import time

SECONDS = 0.5


def spin(events):
    """没有任何事要做,循环 SECONDS 秒;返回醒了几次、用了多少 CPU。"""
    ours, theirs = socket.socketpair()
    with ours, theirs, select.epoll() as epoll:
        epoll.register(ours, events)
        wakeups, cpu, end = 0, time.process_time(), time.monotonic() + SECONDS
        while (left := end - time.monotonic()) > 0:
            wakeups += bool(epoll.poll(left))
        return wakeups, (time.process_time() - cpu) / SECONDS


quiet = spin(select.EPOLLIN)
busy = spin(select.EPOLLIN | select.EPOLLOUT)
edge = spin(select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
print(f"只登记可读:醒 {quiet[0]} 次,CPU {quiet[1]:.0%}")
print(f"一直登记可写,水平触发:醒 {busy[0]} 次,CPU {busy[1]:.0%}")
print(f"一直登记可写,边缘触发:醒 {edge[0]} 次,CPU {edge[1]:.0%}")
print("一直登记,多醒 1000 倍以上:", busy[0] > 1000 * max(quiet[0], edge[0]))
