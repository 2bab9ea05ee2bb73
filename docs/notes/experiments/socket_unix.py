"""AF_UNIX:路径只是名字,数据在内核里走,文件里什么也没有。"""
import errno
import os
import socket
import tempfile


def failure(action):
    """执行 action,返回错误名。"""
    try:
        action()
        return "成功"
    except OSError as error:
        return errno.errorcode[error.errno]


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "s")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen()
        client.connect(path)
        server, _ = listener.accept()
        with server:
            client.sendall(bytes(4000))
            print("4000 字节在途,文件大小:", os.stat(path).st_size)
            print("当作文件打开:", failure(lambda: os.open(path, os.O_RDONLY)))
            os.unlink(path)
            print("删掉路径以后照样收到:", len(server.recv(65536)), "字节")

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
    print("close 之后文件还在:", os.path.exists(path))
    with socket.socket(socket.AF_UNIX) as listener:
        print("再 bind 同一路径:", failure(lambda: listener.bind(path)))
