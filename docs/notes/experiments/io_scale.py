"""许多空闲的连接,一条有动静:每等一次要用多少 CPU。poll 每次检查全部,epoll 只看有动静的。"""
import resource
import select
import socket
import time

ROUNDS = 200
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


def measure(poller, idle):
    """登记 idle 个空闲的套接字和一个可读的,返回等一次用掉几微秒 CPU。"""
    pairs = [socket.socketpair() for _ in range(idle + 1)]
    for ours, _ in pairs:
        poller.register(ours, select.POLLIN)  # EPOLLIN 是同一个数
    pairs[0][1].sendall(b"x")
    start = time.thread_time()
    for _ in range(ROUNDS):
        assert len(poller.poll(1)) == 1
    microseconds = (time.thread_time() - start) / ROUNDS * 1e6
    for pair in pairs:
        for sock in pair:
            sock.close()
    return microseconds


for idle in (10, 100, 1000, 2000):
    poll, epoll = measure(select.poll(), idle), measure(select.epoll(), idle)
    print(f"{idle} 条空闲:poll {poll:.1f} 微秒,epoll {epoll:.1f} 微秒")
print("2000 条空闲时,epoll 快 20 倍以上:", poll > 20 * epoll)
