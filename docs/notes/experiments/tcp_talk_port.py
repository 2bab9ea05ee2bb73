"""客户端绑定固定的端口:第二个起不来,马上重开也起不来。"""
import errno
import socket


def call(server, port):
    """绑定一个本机端口,连到服务器。"""
    sock = socket.socket()
    sock.settimeout(2)
    try:
        sock.bind(("127.0.0.1", port))
        sock.connect(server)
    except OSError as error:
        sock.close()
        print(errno.errorcode[error.errno])
        return None
    print("连上了")
    return sock


with socket.create_server(("127.0.0.1", 0)) as listener:
    address = listener.getsockname()

    print("第一个客户端,端口由系统挑:", end="")
    first = call(address, 0)
    fixed = first.getsockname()[1]
    accepted, _ = listener.accept()

    print("第二个客户端,绑定同一个端口:", end="")
    call(address, fixed)

    print("第二个客户端,端口由系统挑:", end="")
    call(address, 0).close()

    first.close()  # 第一个先挂断,TIME_WAIT 留在它这一边
    accepted.settimeout(2)
    accepted.recv(1)
    accepted.close()
    print("第一个挂断以后马上重开,还用那个端口:", end="")
    call(address, fixed)
