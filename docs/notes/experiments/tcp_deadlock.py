"""两边都只写不读:两个方向的缓冲都满了,谁也写不下去。"""
import socket
import threading

SIZE = 32 << 20  # 32 MiB:一个方向的发送缓冲加接收缓冲也放不下


def connection():
    """一条回环上的连接。"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    return client, server


def send(sock, timeout):
    """写 SIZE 字节,有 timeout 秒写不进去就放弃;返回写进了多少。"""
    sock.settimeout(timeout)
    sent = 0
    try:
        while sent < SIZE:
            sent += sock.send(bytes(min(65536, SIZE - sent)))
    except TimeoutError:
        pass
    return sent


def told(sent):
    """说给人听。"""
    return f"{'写完' if sent == SIZE else '卡住'},写进 {sent / 2**20:.1f} MiB"


def echo(sock):
    """收一点,回一点。"""
    with sock:
        try:
            while data := sock.recv(65536):
                sock.sendall(data)
        except OSError:  # 对方放弃了
            pass


def drain(sock, size):
    """收满 size 字节。"""
    while size:
        size -= len(sock.recv(min(size, 65536)))


client, server = connection()
with client, server:
    results = {}
    threads = [
        threading.Thread(target=lambda name=name, sock=sock: results.update({name: send(sock, 0.5)}))
        for name, sock in (("客户端", client), ("服务器", server))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in sorted(results):
        print(f"两边都先写完再读,{name}:{told(results[name])}")

client, server = connection()
threading.Thread(target=echo, args=(server,), daemon=True).start()
with client:
    print("服务器边读边回,客户端先写完再读:" + told(send(client, 0.5)))

client, server = connection()
threading.Thread(target=echo, args=(server,), daemon=True).start()
with client:
    reader = threading.Thread(target=drain, args=(client, SIZE))
    client.settimeout(10)
    reader.start()
    print("客户端另开一个线程读:" + told(send(client, 10)))
    reader.join(10)
