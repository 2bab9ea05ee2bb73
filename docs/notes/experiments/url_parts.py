"""把网址拆开;默认端口;百分号编码。"""
import ftplib
import http.client
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

parts = urlsplit("http://me:pw@example.com:8080/a/b.html?x=1&y=2#top")
for name, value in (("scheme", parts.scheme), ("userinfo", f"{parts.username}:{parts.password}"),
                    ("host", parts.hostname), ("port", parts.port), ("path", parts.path),
                    ("query", parts.query), ("fragment", parts.fragment)):
    print(f"{name:8} {value}")

print("默认端口 http", http.client.HTTP_PORT, "https", http.client.HTTPS_PORT, "ftp", ftplib.FTP_PORT)
print("例子.测试 在域名里是", "例子.测试".encode("idna").decode())

print("你好 的 UTF-8 字节", "你好".encode().hex(" "), "编码成", quote("你好"))
print("大小写都一样", unquote("%E4%BD%A0") == unquote("%e4%bd%a0"))
print("文件名 a?b#c%d e/f 编码成", quote("a?b#c%d e", safe="") + "/f")
print("a%2Fb 解开以后是", unquote("a%2Fb"), "多出来一层目录")
print("解码两次", unquote(unquote("%252e%252e")), "本来是", unquote("%252e%252e"))
print("不是 UTF-8", unquote_to_bytes("%C4%E3%BA%C3"), "按 GBK 是", unquote("%C4%E3%BA%C3", encoding="gbk"))
print("半个编码", unquote("100%"), unquote("%zz"), "原样留下了")
