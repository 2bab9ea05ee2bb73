"""比一比收到的和原来的。用法:download_same.py 收到的 原来的"""
import os
import sys

names = sys.argv[1:3]
if not os.path.exists(names[0]):
    print("没有", names[0])
else:
    saved, original = (open(name, "rb").read() for name in names)
    verdict = "一样" if saved == original else "只有开头" if original.startswith(saved) else "不一样"
    print(f"原来 {len(original)} 字节,存下 {len(saved)} 字节:{verdict}")
