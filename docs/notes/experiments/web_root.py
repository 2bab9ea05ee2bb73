"""目录写成相对的:从别处启动,就全是 404。"""
import os
import pathlib
import subprocess
import sys

SERVER = """
import pathlib, sys
here = pathlib.Path(sys.argv[0]).resolve().parent
print("相对当前目录:", 200 if pathlib.Path("./static/index.html").is_file() else 404, end=" ")
print("相对程序所在的目录:", 200 if (here / "static/index.html").is_file() else 404)
"""
pathlib.Path("app/static").mkdir(parents=True, exist_ok=True)
pathlib.Path("app/static/index.html").write_text("hello", encoding="utf-8")
pathlib.Path("app/server.py").write_text(SERVER, encoding="utf-8")
for directory, script in (("app", "server.py"), (".", os.path.join("app", "server.py"))):
    print(f"在 {directory} 里启动:", end=" ", flush=True)
    subprocess.run([sys.executable, script], cwd=directory, timeout=10, check=True)
