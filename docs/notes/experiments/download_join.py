"""把陌生人说的名字接在目录后面,会到哪里去。"""
import os.path

for name in ("a.txt", "../secret.txt", "sub/../../secret.txt", "/etc/passwd", ""):
    joined = os.path.join("/srv/files", name)
    print(f"{name!r} → {joined} → {os.path.normpath(joined)}")
print("开头像不等于在里面:", "/srv/files-secret/key".startswith("/srv/files"))
