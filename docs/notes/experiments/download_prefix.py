"""前缀加在路径前面,和加在文件名前面。"""
import os

name = "sub/a.txt"
for path in ("[接收]" + name, "[接收]" + os.path.basename(name)):
    try:
        with open(path, "wb"):
            print(path, "→ 建好了")
    except OSError as error:
        print(path, "→", type(error).__name__)
