"""黑名单:不许有 ; & |,不许有 uname 这个词。看看拦住了谁。只会运行 uname。"""
import subprocess

TRIES = [
    "cat x; uname",
    "cat x\nun''ame",
    "cat $(u\\name)",
    "cat `un$()ame`",
    "cat${IFS}x\n/bin/un?me",
    "a=un\n${a}ame",
]


def allowed(command):
    """黑名单。"""
    return not any(word in command for word in (";", "&", "|", "uname"))


def run(command):
    """运行了 uname 没有:它会打印 Linux。"""
    done = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=5)
    return "Linux" in done.stdout + done.stderr


for command in TRIES:
    verdict = ("放行,运行了 uname" if run(command) else "放行,没有运行") if allowed(command) else "拦住了"
    print(repr(command), "→", verdict)
