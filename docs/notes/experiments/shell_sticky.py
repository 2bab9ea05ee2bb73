"""每个命令收一次。用法:shell_sticky.py 127.0.0.1:8080"""
import socket
import sys
import time

host, port = sys.argv[1].rsplit(":", 1)
with socket.create_connection((host, int(port)), timeout=5) as stream:
    for command in ("echo one", "seq 1 500", "echo two", "echo three"):
        time.sleep(0.1)  # 人打字要时间;太快了,「two」和「three」也会粘在一起
        stream.sendall(command.encode())
        answer = stream.recv(1024).decode()
        lines = answer.split()
        shown = answer if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
        print(f"{command}:{len(answer)} 字节,{shown}")
    stream.recv(1024)  # 最后一个回答:还有没收的就关闭,对方看到的是复位
