"""Linux:客户端一头的 TIME-WAIT 用光临时端口。在自己的网络空间里做,只给它 10 个端口:
unshare -rn python3 tcp_ports_gone.py
"""
import errno
import socket
import subprocess
import time

socket.setdefaulttimeout(5)  # 哪一步都不会永远等下去

PORTS = 10


def setting(name, value):
    """改一项内核设置,只在这个网络空间里有效。"""
    with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as file:
        file.write(value)


def listening():
    """一个监听套接字。"""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def visit(listener):
    """一条短连接,客户端先关;返回错误的名字,没有就是 OK。"""
    with socket.socket() as client:
        result = client.connect_ex(listener.getsockname())
        if result:
            return errno.errorcode[result]
        server = listener.accept()[0]
        client.close()
        server.recv(1)
        server.close()
    return "OK"


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
first, second = listening(), listening()  # 它们的端口在改设置之前就挑好了
setting("ip_local_port_range", f"40000 {40000 + PORTS - 1}")
setting("tcp_tw_reuse", "0")
print(f"{PORTS} 条短连接:", {visit(first) for _ in range(PORTS)})
print("同一个服务器,再来一条:", visit(first))
print("另一个服务器,再来一条:", visit(second))
time.sleep(1.1)
print("过 1 秒,还是这个服务器:", visit(first))
setting("tcp_tw_reuse", "1")
print("tcp_tw_reuse=1:", visit(first))
