"""同样的文字,不同的编码是不同的字节;用错编码去读,得到乱码或者错误。"""


def encode(text, encoding):
    """编码:文字变成字节,用十六进制显示。"""
    try:
        return text.encode(encoding).hex(" ")
    except UnicodeEncodeError:
        return "没有这个字"


def decode(data, encoding):
    """解码:字节变回文字。"""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        return f"错误,在第 {error.start} 字节"


for text in ("A", "你好", "你好吗", "𠮷"):
    print(f"{text}:utf-8 是 {encode(text, 'utf-8')};gbk 是 {encode(text, 'gbk')}")
for text in ("hello", "你好", "你好吗"):
    print(f"{text}:utf-8 的字节当 gbk 读 → {decode(text.encode('utf-8'), 'gbk')}")
    print(f"{text}:gbk 的字节当 utf-8 读 → {decode(text.encode('gbk'), 'utf-8')}")
