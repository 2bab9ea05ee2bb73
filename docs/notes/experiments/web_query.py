"""文件明明在:带了查询串、空格、汉字,就找不到了。"""
import pathlib
from urllib.parse import quote, unquote, urlsplit

ROOT = pathlib.Path("site")
ROOT.mkdir(exist_ok=True)
for name in ("index.html", "a b.html", "你好.html", "50%.html"):
    (ROOT / name).write_text("<h1>hello</h1>", encoding="utf-8")


def exists(path):
    return (ROOT / path.lstrip("/")).is_file()


def encoded_first(target):
    """先解码,再切查询串:名字里的 ? 被当成了查询串的开头,次序反了。"""
    return unquote(target).partition("?")[0]


def right(target):
    """先切查询串,再解码一次。"""
    return unquote(urlsplit(target).path)


for target in ("/index.html", "/index.html?x=1", "/a%20b.html", "/" + quote("你好.html"), "/50%25.html"):
    print(f"{target:28} 直接打开:{exists(target)!s:5} 切了再解码:{exists(right(target))}")
print("解码两次:", unquote(unquote("/50%25.html")), unquote(unquote("/%252e%252e/x")))
print("先解码再切:", encoded_first("/why%3F.html"), "先切再解码:", right("/why%3F.html"))
