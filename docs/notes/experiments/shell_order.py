"""标准输出和标准错误的先后:一根管道看得出来,两根看不出来,程序自己的缓冲也会打乱它。"""
import os
import subprocess
import sys

SHELL = "echo 1; echo 2 >&2; echo 3; echo 4 >&2"
PYTHON = "import sys; print(1); print(2, file=sys.stderr); print(3); print(4, file=sys.stderr)"


# 输出不是终端,Python 的标准输出就攒着,结束时才写;这个变量会让它不攒。
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def one_pipe(command):
    merged = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT)
    return merged.stdout.split()


def two_pipes(command):
    apart = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return (apart.stdout + apart.stderr).split()


print("shell,一根管道:", one_pipe(["sh", "-c", SHELL]))
print("shell,两根管道,标准输出在前:", two_pipes(["sh", "-c", SHELL]))
print("Python 程序,一根管道:", one_pipe([sys.executable, "-c", PYTHON]))
print("Python 程序不缓冲(-u),一根管道:", one_pipe([sys.executable, "-u", "-c", PYTHON]))
