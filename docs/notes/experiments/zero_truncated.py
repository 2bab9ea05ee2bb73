"""文件在发的中途变短:sendfile 少发,mmap 的程序被信号结束。"""
import os
import signal
import socket
import subprocess
import sys
import tempfile

SIZE = 1 << 20

with tempfile.TemporaryFile() as file:
    file.truncate(SIZE)
    left, right = socket.socketpair()
    with left, right:
        first = os.sendfile(left.fileno(), file.fileno(), 0, 4096)
        file.truncate(4096)
        second = os.sendfile(left.fileno(), file.fileno(), 4096, 4096)
    print("sendfile:先发", first, "字节;文件变短以后再发,返回", second)

CHILD = """
import mmap, os, tempfile
with tempfile.TemporaryFile() as file:
    file.truncate(1 << 20)
    memory = mmap.mmap(file.fileno(), 0)
    file.truncate(4096)
    print("变短以前的那一页:", memory[0], flush=True)
    print("没有了的那一页:", memory[8192], flush=True)
"""
child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=10)
print("mmap:", child.stdout.strip())
print("mmap:再读一页,进程被", signal.Signals(-child.returncode).name, "结束")
