"""命令先打印一行,隔半秒再打印一行。第一行什么时候读得到,要看谁在打印。"""
import os
import subprocess
import sys
import time

# 有的环境替 Python 关掉了缓冲,这里看的是平常的样子。
os.environ.pop("PYTHONUNBUFFERED", None)
LINES = "import time; print(1); time.sleep(0.5); print(2)"

for title, argv in (
    ("shell 的 echo", ["sh", "-c", "echo 1; sleep 0.5; echo 2"]),
    ("Python 的 print", [sys.executable, "-c", LINES]),
    ("Python 的 print,不缓冲(-u)", [sys.executable, "-u", "-c", LINES]),
):
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        first = time.monotonic()
        process.stdout.readline()
        apart = time.monotonic() - first
    print(f"{title}:两行隔了不到 0.1 秒到:{apart < 0.1}")
