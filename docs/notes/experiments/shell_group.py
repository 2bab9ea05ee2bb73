"""结束 shell,它启动的进程还在;结束整个进程组,一个也不留。"""
import os
import signal
import subprocess

COMMAND = "sleep 20 | sleep 20 & echo $!; wait"


def alive(pid):
    """还在运行(没有人收走的不算)。"""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def start():
    """自成一组的 shell,和它启动的一个进程的号。"""
    shell = subprocess.Popen(COMMAND, shell=True, stdout=subprocess.PIPE, start_new_session=True)
    return shell, int(shell.stdout.readline())


shell, child = start()
shell.kill()
shell.wait()
print("只结束 shell,它启动的进程还在:", alive(child))
os.killpg(shell.pid, signal.SIGKILL)

shell, child = start()
os.killpg(shell.pid, signal.SIGKILL)
shell.wait()
shell.stdout.read()  # 组里的都结束了,管道才有末尾
print("结束整个组,它启动的进程还在:", alive(child))
