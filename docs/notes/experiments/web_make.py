"""造一个小网站,外面放一个不该给的文件。用法:web_make.py 目录"""
import os
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
(root / "news").mkdir(parents=True, exist_ok=True)
PAGES = {
    "index.html": '<!doctype html><link rel="stylesheet" href="style.css"><h1>首页</h1>',
    "news/index.html": "<!doctype html><h1>新闻</h1>",
    "style.css": "h1 { color: green }",
    "你好.txt": "你好,世界",
    "100% 对.txt": "对",
}
for name, text in PAGES.items():
    (root / name).write_text(text, encoding="utf-8")
(root.parent / "secret.txt").write_text("password", encoding="utf-8")
try:
    os.symlink("../secret.txt", root / "link.txt")
except OSError:
    pass  # Windows 上建链接要管理员
print(f"{root} 里有", len(PAGES), "个文件,外面有 secret.txt")
