"""一问一答的程序:套接字是全双工的,程序不是。对方连说三句,每问一次才听到一句。"""
import select
import socket

client, server = socket.socketpair()
with client, server, client.makefile("r", encoding="utf-8", newline="\n") as heard:
    client.settimeout(2)
    server.sendall("一\n二\n三\n".encode())  # 对方没有等人问,连说三句
    for word in ("在吗", "好", "嗯"):
        client.sendall(f"{word}\n".encode())
        print(f"一问一答:说了「{word}」,才听到「{heard.readline().strip()}」")

client, server = socket.socketpair()
keyboard, hand = socket.socketpair()  # 代替键盘:手还没有打字
with client, server, keyboard, hand:
    server.sendall("一\n二\n三\n".encode())
    ready, _, _ = select.select([keyboard, client], [], [], 2)  # 谁先有动静就先做谁
    print("同时等:没有打字,先有动静的是网络:", ready == [client], repr(client.recv(1024).decode()))
