"""远程命令的服务器,没有边界:收一次,运行,把输出发回去。

它把 bytes 解码成 str,再和 b"bye" 比较:永远不相等,bye 也被拿去运行。它不看 recv 是不是得到了末尾。

用法:shell_server_sticky.py 监听地址
"""

import socket
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
            command = stream.recv(1024).decode("utf-8")
            if command == b"bye":
                break
            stream.send(subprocess.getoutput(command).encode("utf-8"))
        stream.close()
