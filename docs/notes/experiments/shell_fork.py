"""fork 复制一个进程,exec 换成另一个程序,wait 收走它;描述符一路继承下来。"""
import os
import sys

sys.stdout.flush()
number = 1
reader, writer = os.pipe()
child = os.fork()
if child == 0:  # 新的进程:内存是复制来的一份
    number = 2
    os.dup2(writer, 1)  # 标准输出换成管道的写端
    os.close(reader)
    os.close(writer)
    os.execvp("sh", ["sh", "-c", "echo 我是 $$; exit 3"])
os.close(writer)  # 不关,就永远读不到管道的末尾
with os.fdopen(reader) as pipe:
    said = pipe.read()
_, status = os.waitpid(child, 0)
print("管道里读到的就是它的号:", said == f"我是 {child}\n")
print("退出码:", os.waitstatus_to_exitcode(status))
print("这边的 number:", number)
