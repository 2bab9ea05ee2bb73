"""这台机器的几个上限(Linux)。"""
import resource


def kernel(name):
    with open(f"/proc/sys/{name}", encoding="ascii") as file:
        return file.read().split()


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
print(f"一个进程的描述符:现在 {soft},自己最多能提到 {hard};整台机器 {kernel('fs/file-max')[0]}")
first, last = map(int, kernel("net/ipv4/ip_local_port_range"))
print(f"临时端口 {first}–{last}:同一个客户机到同一个服务器端口,最多 {last - first + 1} 条")
print(f"监听队列最长 {kernel('net/core/somaxconn')[0]}")
print(f"整台机器的线程 {kernel('kernel/threads-max')[0]},进程号 {kernel('kernel/pid_max')[0]}")
