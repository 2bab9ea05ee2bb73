"""把别人给的文件名拼进命令:哪些写法会让名字变成命令。只会运行 echo。"""
import os
import shlex
import subprocess

NAMES = ["a.txt", "it's.txt", "x; echo 被执行", "x\necho 被执行", "$(echo 被执行 >&2)", "x'; echo 被执行; '", 'x"; echo 被执行; "']
WAYS = {
    "直接拼": lambda name: f"cat {name}",
    "单引号": lambda name: f"cat '{name}'",
    "双引号": lambda name: f'cat "{name}"',
    "shlex.quote": lambda name: f"cat {shlex.quote(name)}",
    "列表": lambda name: ["cat", name],
}


def outcome(command):
    """列表不经过 shell。自己写的一行里正好是 echo 的结果,就是执行了。"""
    shell = isinstance(command, str)
    english = {**os.environ, "LC_ALL": "C"}  # 错误的话,各种语言不一样
    done = subprocess.run(command, shell=shell, capture_output=True, env=english, stdin=subprocess.DEVNULL, timeout=5)
    output = (done.stdout + done.stderr).decode()
    if "被执行" in output.splitlines():
        return "执行了"
    return "语法错误" if "ntax error" in output or "unexpected EOF" in output else "–"


for way, build in WAYS.items():
    print(f"{way}:", " ".join(outcome(build(name)) for name in NAMES))
