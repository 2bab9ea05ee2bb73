"""写完不 fsync,马上 kill -9:写下的还在不在?"""
import os
import signal

child = os.fork()
if child == 0:
    descriptor = os.open("文件.part", os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, b"a" * 1_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
_, status = os.waitpid(child, 0)
print("结束它的信号:", signal.Signals(os.WTERMSIG(status)).name)
print("文件的长度:", os.path.getsize("文件.part"))
