"""给命令定限度:CPU、文件大小、描述符、内存各用完一次;输出太多就停下。"""
import resource
import signal
import subprocess
import sys

LIMITS = {
    "CPU 1 秒": (resource.RLIMIT_CPU, 1, "while True: pass"),
    "文件 1 MiB": (resource.RLIMIT_FSIZE, 1 << 20, "open('big', 'wb').write(bytes(2 << 20))"),
    "描述符 20 个": (resource.RLIMIT_NOFILE, 20, "files = [open('/dev/null') for _ in range(20)]"),
    "内存 256 MiB": (resource.RLIMIT_AS, 256 << 20, "bytes(512 << 20)"),
}


def end(name):
    """在限度里运行一段 Python,说出它怎样结束。"""
    kind, value, code = LIMITS[name]
    done = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(kind, (value, value + 1)),
        capture_output=True,
        text=True,
        timeout=20,
    )
    if done.returncode < 0:
        return signal.Signals(-done.returncode).name
    return done.stderr.splitlines()[-1] if done.stderr else "没有受限"


for name in LIMITS:
    print(f"{name}:", end(name))

with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as child:
    total = 0
    while total < 1 << 20:
        total += len(child.stdout.read(65536))
    child.kill()
print("yes:收了", total, "字节就停,", signal.Signals(-child.returncode).name)
