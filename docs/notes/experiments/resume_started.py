"""等到一个文件里有了字节:下载已经开始,还没有下完。"""
import os
import sys
import time

path, end = sys.argv[1], time.monotonic() + 10
while time.monotonic() < end:
    if os.path.exists(path) and os.path.getsize(path):
        print(f"{path} 里有字节了")
        break
    time.sleep(0.01)
else:
    sys.exit("等了 10 秒,什么也没有")
