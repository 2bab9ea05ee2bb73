"""1,000 位不说话的客户,每位一个线程:虚拟内存和实际占用(Linux)。"""
import resource
import socket
import threading

CUSTOMERS = 1000


def status():
    """这个进程的线程数,虚拟内存和实际占用的 KiB(proc_pid_status(5))。"""
    with open("/proc/self/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return [int(fields[name].split()[0]) for name in ("Threads", "VmSize", "VmRSS")]


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * CUSTOMERS + 50)), hard))

with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
    before = status()
    pairs = []
    for _ in range(CUSTOMERS):
        client = socket.create_connection(listener.getsockname(), timeout=2)
        server, _ = listener.accept()
        threading.Thread(target=server.recv, args=(1024,)).start()
        pairs.append((client, server))
    threads, virtual, resident = (now - then for now, then in zip(status(), before))
    print(f"{len(pairs)} 位客户:多了 {threads} 个线程")
    print(f"虚拟内存多了 {virtual // 1024} MiB,实际占用多了 {resident / 1024:.1f} MiB")
    for client, server in pairs:
        client.close()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(5)
print("客户走了以后,还剩", threading.active_count(), "个线程")
