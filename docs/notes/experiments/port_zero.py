"""端口 0:请系统挑。看它挑在哪一段。"""
import socket

ports = []
for _ in range(300):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        ports.append(sock.getsockname()[1])
print(f"300 次:最小 {min(ports)},最大 {max(ports)}")
print("小于 49152 的:", sum(port < 49152 for port in ports), "个")
try:
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        low, high = map(int, file.read().split())
    print(f"本机的设置:{low}–{high}")
    print("全部落在其中:", all(low <= port <= high for port in ports))
except OSError:
    print("这里不是 Linux:用 netsh(Windows)或 sysctl(macOS)查看范围")
