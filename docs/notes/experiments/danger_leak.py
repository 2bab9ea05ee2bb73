"""命令从服务器那里继承了什么:环境变量、描述符;命令行人人可见。口令是假的。"""
import errno
import os
import socket
import subprocess
import sys

TOKEN = "swordfish"


def sh(line, **options):
    """运行一行,返回它打印的。"""
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=5, **options)
    return done.stdout.strip() or "(什么也没有)"


if len(sys.argv) == 1:  # 带着口令,再启动一次自己:这一个才是「服务器」
    sys.exit(subprocess.run([sys.executable, __file__, "--token", TOKEN], env={**os.environ, "TOKEN": TOKEN}).returncode)

print("环境,默认:", sh("echo $TOKEN"))
print("环境,env={}:", sh("echo $TOKEN", env={}))
print("环境,env={},去看父进程的:", sh("tr '\\0' '\\n' </proc/$PPID/environ | grep ^TOKEN", env={}))

with open("secret.txt", "w+", encoding="utf-8") as secret:
    secret.write("文件里的秘密")
    secret.flush()
    secret.seek(0)
    number = secret.fileno()
    line = f"cat <&{number}"
    print("描述符,默认:", sh(line))
    os.set_inheritable(number, True)
    print("描述符,可以继承:", sh(line, close_fds=False))

listener = socket.create_server(("127.0.0.1", 0))
address = listener.getsockname()
with subprocess.Popen(["/bin/sleep", "5"], pass_fds=[listener.fileno()]) as child:
    listener.close()
    try:
        socket.create_server(address).close()
    except OSError as error:
        print("监听的端口被命令继承,服务器关了再开:", errno.errorcode[error.errno])
    child.kill()

mode = {name: oct(os.stat(f"/proc/self/{name}").st_mode & 0o777) for name in ("cmdline", "environ")}
with open("/proc/self/cmdline", encoding="utf-8") as file:
    print("命令行里的口令:", TOKEN in file.read(), mode)
