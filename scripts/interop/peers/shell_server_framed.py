"""远程命令的服务器,先发 4 字节的长度:本机字节序,有符号。长度和输出分两次发。

先读完标准输出,再读标准错误。不认得 bye 和末尾:哪一步出了异常,就挂断这一位。

用法:shell_server_framed.py 监听地址
"""

import socket
import struct
import subprocess
import sys

from common_peer import address, announce

with socket.socket() as listener:
    listener.bind(address(sys.argv[1]))
    listener.listen(5)
    announce(listener)
    while True:
        stream, _ = listener.accept()
        while True:
            try:
                command = stream.recv(1024).decode("utf-8")
                process = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                output = process.stdout.read()
                errors = process.stderr.read()
                length = len(errors + output)
                print(length, flush=True)
                stream.send(struct.pack("i", length))
                stream.send(output + errors)
            except:  # noqa: E722
                break
        stream.close()
