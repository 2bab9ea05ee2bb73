"""网页里的相对地址,由浏览器接成完整的网址。"""
from urllib.parse import urljoin

for base in ("http://x/dir", "http://x/dir/"):
    print(base, "里的 style.css →", urljoin(base, "style.css"))
for reference in ("/a.css", "../a.css", "../../../a.css", "//cdn.example/a.css", "?page=2", "#top"):
    print(reference, "→", urljoin("http://x/dir/index.html?page=1", reference))
