"""错误:Ctrl-C 以后先等客户说完,最后才关监听。"""

import socket
import sys
import threading


def serve(sock):
    try:
        with sock:
            while data := sock.recv(1024):
                sock.sendall(data.upper())
    except OSError:
        pass


host, port = sys.argv[1].split(":")
threads = []
with socket.create_server((host, int(port))) as listener:
    try:
        while True:
            sock, _ = listener.accept()
            threads.append(threading.Thread(target=serve, args=(sock,)))
            threads[-1].start()
    except KeyboardInterrupt:
        for thread in threads:
            thread.join()
