# shellcheck shell=bash
# 远程命令:echo hi 要多久,1 GiB 的输出有多快。由 scripts/bench 读入;命名空间和 sshd 的配置借 download.sh 的。

declare -A shell_label=(
    [stream]="43 shell-stream" [framed]="42 shell-framed" [secure]="44 shell-secure"
    [ssh]="OpenSSH" [classic]="OpenSSH,只用 X25519" [master]="OpenSSH,借用开着的连接" [dropbear]="dropbear" [local]="上限:本机的 sh"
)
declare -A kind_label=(
    [open]="开着的连接" [typed]="开着的 sh" [call]="一次命令行" [bulk]="输出"
)
kinds=(open typed call bulk)

# 每一次测量之前,空转这么久看看有没有别人:百分之一秒。
probe_for=30

bench_shell() {
    # sshd、dropbear 在 /usr/sbin,普通用户的 PATH 里不一定有。
    PATH=$PATH:/usr/sbin
    size=${size:-1024}
    if [[ ! ${BENCH_NAMESPACE:-} ]]; then
        # shellcheck disable=SC2046 # 没有就什么参数也没有。
        build -p shell-framed -p shell-stream $(has_secure && echo -p shell-secure)
        build -p check --example shell_load
        in_own_namespace
        return
    fi
    set_congestion
    local peers=(stream framed) missing=() notes=() address port client master=
    trap 'stop_shell; rm -rf "$work"' EXIT
    if has_secure; then peers=(secure "${peers[@]}"); fi
    find_shell_peers
    prepare_shells
    echo "${#peers[@]} 个程序,每次 $seconds 秒,$size MiB,$rounds 轮" >&2
    take_turns measure_shell "${peers[@]}"
    report_shell | tee ${out:+"$out"}
}

has_secure() { [[ -d crates/44-shell-secure ]]; }

# 装了哪些别的程序。
find_shell_peers() {
    local program
    for program in ssh sshd ssh-keygen dropbear dbclient dropbearkey; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [[ " ${missing[*]} " == *" ssh"* ]] || peers+=(ssh classic master)
    if [[ " ${missing[*]} " != *" d"* ]]; then
        if [[ $BENCH_NAMESPACE == own ]] && ((EUID == 0)); then
            peers+=(dropbear)
        else
            notes+=("dropbear 只认主目录里的密钥,要以 root 运行才能给它换一个主目录:缺了它的几行。")
        fi
    fi
    peers+=(local)
}

# 密钥都是这一次造的。每个程序先试一次,不行的就不测。
prepare_shells() {
    local peer usable=()
    # 44 的证书、口令、认得的服务器,和 SSH 的主目录。
    mkdir -m 700 "$work/secure" "$work/home" "$work/home/.ssh"
    if has_peer ssh; then
        ssh-keygen -q -t ed25519 -N '' -f "$work/host"
        ssh-keygen -q -t ed25519 -N '' -f "$work/user"
        cp "$work/user.pub" "$work/authorized"
    fi
    if has_peer dropbear; then
        dropbearkey -t ed25519 -f "$work/dropbear-host" >/dev/null 2>&1
        dropbearkey -t ed25519 -f "$work/dropbear-user" 2>/dev/null | grep '^ssh-' >"$work/home/.ssh/authorized_keys"
    fi
    own_home
    for peer in "${peers[@]}"; do
        # 连 ssh 也进不去,它的另外两种就不用试。
        if [[ $peer == @(classic|master) && " ${usable[*]} " != *" ssh "* ]]; then continue; fi
        start_shell "$peer"
        if [[ $peer == framed ]] || try_shell "$peer"; then usable+=("$peer"); else
            notes+=("$(label_of_shell "$peer") 用不了,缺了它的几行:$(tail -qn 1 "$work/client" "$work/stderr" | paste -sd ' ')。")
        fi
        stop_shell
    done
    peers=("${usable[@]}")
}

# 运行得了,而且 1 MiB 的输出一个字节也不少。
try_shell() {
    choose_client "$1"
    [[ $("${client[@]}" 'head -c 1048576 /dev/zero' </dev/null 2>"$work/client" | wc -c) == 1048576 ]]
}

# root 在自己的命名空间里:给自己换一个空的主目录,登录的 shell 都是 sh。不然 SSH 每次还要读那些启动文件。
own_home() {
    [[ $BENCH_NAMESPACE == own ]] && ((EUID == 0)) || return 0
    awk -F : -v OFS=: -v name="$(id -un)" -v home="$work/home" '$1 == name {$6 = home; $7 = "/bin/sh"} {print}' \
        /etc/passwd >"$work/passwd"
    mount --bind "$work/passwd" /etc/passwd
}

# 启动程序 $1 的服务器。
start_shell() {
    local listen=127.0.0.1
    case $1 in
    stream | framed) start_server "$release/shell-$1" server $listen:0 ;;
    secure) start_server "$release/shell-secure" server $listen:0 --state "$work/secure" ;;
    # 这两个不能请系统挑端口。
    ssh | classic | master)
        port=$(free_port)
        configure_sshd $listen "$port" >"$work/sshd.conf"
        start_server "$(command -v sshd)" -D -e -f "$work/sshd.conf"
        ;;
    dropbear)
        port=$(free_port)
        start_server "$(command -v dropbear)" -F -E -s -j -k -p "$listen:$port" -r "$work/dropbear-host" -P "$work/dropbear.pid"
        ;;
    local) return ;;
    esac
    port=$(wait_for_port tcp)
    address=$listen:$port
    [[ $1 != master ]] || start_master
}

# 一个一直开着的连接,别的 ssh 借用它(ssh_config(5) 的 ControlMaster)。
start_master() {
    local tries
    choose_client ssh
    if [[ $load_core ]]; then client=(taskset -c "$load_core" "${client[@]}"); fi
    # 直接启动,不经过函数:进程号就是它的。
    "${client[@]}" -M -S "$work/control" -N </dev/null >"$work/client" 2>&1 &
    master=$!
    for tries in {1..250}; do
        [[ ! -S $work/control ]] || return 0
        kill -0 "$master" 2>/dev/null || break
        sleep 0.02
    done
    fail "过了 $tries 次,SSH 的连接还没有开" "它的话:$(tail -n 3 "$work/client")"
}

stop_shell() {
    if [[ ${master:-} ]]; then
        kill "$master" 2>/dev/null || true
        wait "$master" 2>/dev/null || true
        master=
    fi
    stop_server
}

# 程序 $1 的客户端,命令写在它后面。
choose_client() {
    local user
    user=$(id -un)
    case $1 in
    stream) client=("$release/shell-stream" client "$address" --) ;;
    secure) client=("$release/shell-secure" client "$address" --state "$work/secure" --accept-new --) ;;
    ssh | classic)
        client=(ssh -F none -p "$port" -i "$work/user" -o IdentitiesOnly=yes -o BatchMode=yes
            -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$user@127.0.0.1")
        if [[ $1 == classic ]]; then client=("${client[@]:0:1}" -o KexAlgorithms=curve25519-sha256 "${client[@]:1}"); fi
        ;;
    master) client=(ssh -F none -S "$work/control" -o LogLevel=ERROR "$user@127.0.0.1") ;;
    dropbear) client=(dbclient -y -y -i "$work/dropbear-user" -p "$port" "$user@127.0.0.1") ;;
    local) client=(sh -c) ;;
    esac
}

# 第 $1 轮,程序 $2。每次都重新启动服务器。
measure_shell() {
    local round=$1 peer=$2 own_core=$server_core
    # 一问一答,同一刻只有一方有事做:都放在负载的核上。不然每次都要叫醒一个空闲的核,虚拟机里要几十微秒,
    # 量到的多半是它。
    server_core=$load_core
    measure_kinds open typed call
    # 输出很多时两边都忙:服务器和它的命令在一个核上,客户端在另一个。
    server_core=$own_core
    measure_kinds bulk
}

# 量 $peer 的这几种。
measure_kinds() {
    local kind
    start_shell "$peer"
    choose_client "$peer"
    for kind in "$@"; do
        if [[ " ${kinds[*]} " == *" $kind "* ]] && has_kind "$peer" "$kind"; then measure_kind; fi
    done
    stop_shell
}

# 量 $peer 的 $kind,记下结果。
measure_kind() {
    local line
    probe
    if [[ $kind == bulk ]]; then line=$(measure_bulk); else line=$(measure_latency); fi
    echo "第 $round 轮 $peer ${kind_label[$kind]}:$line" >&2
    record "$peer" "$kind" "$line"
    # 每次启动一个 sh,和谁比都是它。
    if [[ $peer-$kind == local-call ]]; then record "$peer" open "$line"; fi
}

# 程序 $1 有没有 $2 这一种。42 的客户端不能只运行一个命令,一个回答最多 8 MiB。
has_kind() {
    case $1-$2 in
    framed-open | stream-* | secure-*) ;;
    framed-* | ssh-open | dropbear-open | local-open) return 1 ;;
    master-call | classic-call) ;;
    master-* | classic-*) return 1 ;;
    esac
}

# 一次一次地运行 echo hi。
measure_latency() {
    local load=("$release/examples/shell_load")
    case $kind in
    open)
        load+=("$peer" "$seconds" "$address")
        if [[ $peer == secure ]]; then load+=("$work/secure"); fi
        ;;
    # 那个 sh 里的 echo 不用启动进程:为了和别的一样,再启动一个 sh。
    typed)
        load+=(typed "$seconds" "sh -c 'echo hi'" "${client[@]}" sh)
        ;;
    call) load+=(call "$seconds" "${client[@]}" 'echo hi') ;;
    esac
    run_load timeout $((seconds + 60)) "${load[@]}" 2>"$work/load" ||
        fail "$peer(${kind_label[$kind]})没有测成" "负载的话:$(head -n 3 "$work/load");服务器的话:$(tail -qn 3 "$work/stderr" 2>/dev/null)"
}

# $size MiB 的输出,客户端丢弃。从启动客户端到它退出。
measure_bulk() {
    local TIMEFORMAT=%3R command="dd if=/dev/zero bs=64k count=$((size * 16)) 2>/dev/null" elapsed
    # 本机也要经过一根管道,不然什么也没有传。
    if [[ $peer == local ]]; then command+=" | cat"; fi
    { time run_load timeout 300 "${client[@]}" "$command" </dev/null >/dev/null 2>"$work/load"; } 2>"$work/time" ||
        fail "$peer 的输出没有传成" "客户端的话:$(tail -n 3 "$work/load");服务器的话:$(tail -qn 3 "$work/stderr" 2>/dev/null)"
    elapsed=$(<"$work/time")
    awk -v mib="$size" -v s="$elapsed" 'BEGIN {printf "seconds=%.3f mib=%.0f", s, mib / s}'
    case $peer in
    stream | secure) echo " peak=$(memory_of "$server" VmHWM)" ;;
    esac
}

# 服务器和它的命令、负载和它的程序总在互相唤醒,量的时候看不出有没有别人:所以之前两个核各空转一会儿,看有没有谁要等。
probe() {
    local waited other spin=(timeout "0.$probe_for" sh -c 'while :; do :; done')
    [[ $own_core ]] || return 0
    waited=$(waited_us)
    taskset -c "$own_core" "${spin[@]}" &
    other=$!
    taskset -c "$load_core" "${spin[@]}" || true
    wait "$other" || true
    record probe probe "disturbed=$((($(waited_us) - waited) / (probe_for * 100)))"
}

# ---- 报告 ----------------------------------------------------------------

report_shell() {
    local kind peer
    echo "### 远程命令:\`echo hi\` 和 $size MiB 的输出,回环网络"
    echo
    echo "\`scripts/bench shell --rounds $rounds --seconds $seconds --size $size\`:各个程序轮流,每次重新启动,$rounds 轮取中位数。"
    echo
    describe_machine probe
    describe_shell_peers
    echo
    echo "| | 程序 | p50 µs | p99 µs | 每轮几次 |"
    echo "|---|---|---:|---:|---:|"
    for kind in open typed call; do
        for peer in "${peers[@]}"; do
            if [[ $(values "$peer" "$kind" p50_us) ]]; then latency_row; fi
        done
    done
    echo
    echo "| 程序 | MiB/s | 服务器最多用的内存 MiB | 目标 |"
    echo "|---|---:|---:|---|"
    for peer in "${peers[@]}"; do
        if has_kind "$peer" bulk; then bulk_row; fi
    done
    echo
    echo "先求每一轮的比值,再取中位数;括号里是最小和最大。时间之比小的好,速度之比大的好。"
    echo
    echo "| | 比较 | 时间(p50)或速度之比 | p99 之比 | 目标 |"
    echo "|---|---|---|---|---|"
    compare_shells
}

describe_shell_peers() {
    local note
    echo "- 安静不安静是每次测量之前看的:两个核各空转 0.$probe_for 秒。"
    echo "- 一问一答的三种,同一刻只有一方有事做:服务器、命令、负载都在一个核上,免得每次叫醒一个空闲的核。输出:服务器和命令在一个核上,客户端在另一个。"
    echo "- 开着的连接:负载自己说协议,一次一个命令;上限是每次启动一个 \`sh -c 'echo hi'\`。"
    echo "- 开着的 sh:例如 \`ssh 主机 sh\`,一行一行地写 \`sh -c 'echo hi'\`,读它打印的那一行;每次也正好启动一个进程。"
    echo "- 一次命令行:例如 \`ssh 主机 'echo hi'\`,从启动客户端到它退出。"
    echo "- 输出:\`dd if=/dev/zero bs=64k\`,客户端的标准输出是 /dev/null;上限是本机的 \`dd … | cat\`。42 的一个回答最多 8 MiB,没有这一行。"
    if [[ $congestion == cubic && $BENCH_NAMESPACE == own ]]; then
        echo "- 在自己的网络命名空间里,回环的拥塞控制是 cubic,所有程序都一样。"
    else
        echo "- 拥塞控制是这台机器的 $congestion,所有程序都一样。"
    fi
    if [[ $BENCH_NAMESPACE == own ]] && ((EUID == 0)); then
        echo "- 主目录是空的,登录的 shell 是 sh:SSH 不用读谁的启动文件。"
    elif has_peer ssh; then
        echo "- SSH 用的是这个用户登录的 shell,它的启动文件也算在时间里。"
    fi
    if has_peer ssh; then echo "- $(ssh -V 2>&1 | cut -d , -f 1),默认的加密,不压缩。借用开着的连接是 ControlMaster:每次的 ssh 不用再握手。默认的密钥交换如果是抗量子的,握手要多算不少;X25519 是 44 用的。"; fi
    if has_peer dropbear; then echo "- $(dropbear -V 2>&1 | head -1),客户端是它自己的 dbclient:不能借用开着的连接,每次都要握手。"; fi
    ((${#missing[@]} == 0)) || echo "- 没有安装 ${missing[*]},缺了它的几行。"
    for note in "${notes[@]}"; do echo "- $note"; done
}

# 表的一行:$peer 的 $kind。
latency_row() {
    printf '| %s | %s | %.0f | %.0f | %.0f |\n' "${kind_label[$kind]}" "$(label_of_shell "$peer")" \
        "$(middle "$peer" "$kind" p50_us)" "$(middle "$peer" "$kind" p99_us)" "$(middle "$peer" "$kind" calls)"
}

bulk_row() {
    local peak=– goal=–
    if [[ $(values "$peer" bulk peak) ]]; then
        peak=$(values "$peer" bulk peak | sort -n | tail -1 | mebibytes)
        goal="< 16:$(awk -v most="$peak" 'BEGIN {print most < 16 ? "达到" : "没有达到"}')"
    fi
    printf '| %s | %.0f | %s | %s |\n' "$(label_of_shell "$peer")" "$(middle "$peer" bulk mib)" "$peak" "$goal"
}

label_of_shell() { echo "${shell_label[$1]}"; }

compare_shells() {
    compare_shell open framed local
    compare_shell open stream local 1.15
    compare_shell open secure local 1.3
    local own
    for own in stream secure; do
        compare_shell typed "$own" local
        compare_shell typed "$own" ssh
        compare_shell typed "$own" dropbear
    done
    compare_shell call stream local
    compare_shell call stream master 0.35
    compare_shell call stream ssh
    compare_shell call stream dropbear
    compare_shell call secure ssh 0.1
    compare_shell call secure classic
    compare_shell call secure dropbear
    compare_shell bulk stream local
    compare_shell bulk stream ssh 2.5
    compare_shell bulk stream dropbear
    compare_shell bulk secure ssh 1.2
    compare_shell bulk secure dropbear
}

# 表的一行:情形 $1 里 $2 与 $3 的比值。目标 $4:时间之比至多这么大,速度之比至少这么大。
compare_shell() {
    local item=p50_us sign=≤ goal=– p99=–
    has_peer "$2" && has_peer "$3" || return 0
    if [[ $1 == bulk ]]; then item=mib sign=≥; else p99=$(ratios "$2" "$3" "$1" p99_us | spread); fi
    if [[ ${4:-} ]]; then
        goal=$(ratios "$2" "$3" "$1" "$item" | median |
            awk -v goal="$4" -v sign="$sign" '{print sign " " goal ":" ((sign == "≤" ? $1 <= goal : $1 >= goal) ? "达到" : "没有达到")}')
        if is_noisy probe; then goal+="(机器不安静,不算数)"; fi
    fi
    echo "| ${kind_label[$1]} | $(label_of_shell "$2") ÷ $(label_of_shell "$3") |" \
        "$(ratios "$2" "$3" "$1" "$item" | spread) | $p99 | $goal |"
}
