"""在循环里关闭了连接,又去 recv。"""
import errno
import os
import socket

ours, theirs = socket.socketpair()
ours.close()
try:
    ours.recv(1024)
except OSError as error:
    print("Python,关了再 recv:", errno.errorcode[error.errno])

# Python 关闭时把编号换成 -1。C 和别的语言手里还留着那个数。
first, theirs = socket.socketpair()
number = first.fileno()
first.close()
other, visitor = socket.socketpair()  # 另一位客户的连接
visitor.sendall(b"GET /private HTTP/1.1")
print("新的连接用了同一个编号:", other.fileno() == number)
print("拿旧的编号去读,读到的是别人的:", os.read(number, 1024))
