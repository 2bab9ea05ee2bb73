"""只要还有一个写端开着,管道就没有末尾。"""
import os
import select
import subprocess

reader, writer = os.pipe()
subprocess.run(["sh", "-c", "echo hi"], stdout=writer, check=True, timeout=5)
print("命令结束了,读到:", os.read(reader, 100))
ready, _, _ = select.select([reader], [], [], 0.3)
print("自己的写端还开着,等 0.3 秒,有末尾吗:", bool(ready))
os.close(writer)
print("关了写端,读到:", os.read(reader, 100))
os.close(reader)

background = subprocess.Popen(["sh", "-c", "sleep 1 & echo done"], stdout=subprocess.PIPE)
print("shell 结束了:", background.wait(timeout=5) == 0, "读到:", background.stdout.readline())
ready, _, _ = select.select([background.stdout], [], [], 0.3)
print("后台的 sleep 还握着写端,等 0.3 秒,有末尾吗:", bool(ready))
print("它也结束了,读到:", background.stdout.read())
background.stdout.close()
