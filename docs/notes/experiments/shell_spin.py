"""不看末尾的服务器:客户走了,它一直运行空命令。"""
import socket
import subprocess
import threading
import time

runs = 0
stop = threading.Event()


def serve(stream):
    global runs
    while not stop.is_set():
        command = stream.recv(1024).decode()  # 末尾:空的,马上返回
        stream.send(subprocess.getoutput(command).encode())
        runs += 1


here, there = socket.socketpair()
with here, there:
    server = threading.Thread(target=serve, args=(here,))
    server.start()
    there.shutdown(socket.SHUT_WR)  # 客户说完了
    time.sleep(1)
    stop.set()
    server.join(10)
print("一秒里运行了空命令", runs, "次")
print("超过 50 次:", runs > 50)
