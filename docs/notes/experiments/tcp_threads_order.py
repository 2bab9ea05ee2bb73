"""收场的次序:先关监听,和最后才关,新来的客户看到什么(Linux)?"""
import socket


def newcomer(address):
    """一位新来的客户:连上了没有。"""
    try:
        return socket.create_connection(address, timeout=2)
    except OSError as error:
        return type(error).__name__


listener = socket.create_server(("127.0.0.1", 0))
late = newcomer(listener.getsockname())
print("还没有关监听,也没有人 accept,新来的:", "连上了" if isinstance(late, socket.socket) else late)
listener.close()  # 排着队的连接被复位
try:
    print("最后才关监听,他听到:", late.recv(1024))
except OSError as error:
    print("最后才关监听,他听到:", type(error).__name__)
late.close()

listener = socket.create_server(("127.0.0.1", 0))
address = listener.getsockname()
listener.close()
print("先关监听,新来的:", newcomer(address))
