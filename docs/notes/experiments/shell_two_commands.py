"""命令这个方向也没有边界。用法:shell_two_commands.py 127.0.0.1:8080"""
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)


def ask(data):
    """发这些字节,说完了;收到末尾为止。"""
    with socket.create_connection((host, int(port)), timeout=5) as stream:
        stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := stream.recv(65_536):
            answer += piece
    return answer


print("紧接着两个命令:", ask(b"echo one" + b"echo two"))
long = b"echo " + b"x" * 2000
answer = ask(long)
print("一个", len(long), "字节的命令,回答以 x 开头:", answer.startswith(b"x"), "其中有 sh 的抱怨:", b"sh: " in answer)
