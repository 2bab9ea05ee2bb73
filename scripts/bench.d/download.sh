# shellcheck shell=bash
# 下载:同一个大文件,各个程序轮流送到三个去处。由 scripts/bench 读入,轮流、中位数、比值都用那里的函数。

declare -A download_label=(
    [resume]="34 --no-verify --no-sync" [digest]="34 --no-sync" [cached]="34 --no-sync,第二次" [jobs]="34 --no-sync --jobs 2"
    [whole]="34 download-resume"
    [framed]="33 download-framed" [stream]="32 download-stream"
    [nginx]="nginx + curl" [synced]="nginx + curl + sync" [python]="Python,每次收 1024 字节"
    [scp]="scp" [limit]="iperf3:上限"
)
declare -A place_label=([null]="丢弃" [tmpfs]="tmpfs" [disk]="磁盘")

# Python 慢得多:文件小一些,比的是每秒多少字节。MiB。
most_python=256

bench_download() {
    # nginx、sshd 在 /usr/sbin,普通用户的 PATH 里不一定有。
    PATH=$PATH:/usr/sbin
    size=${size:-2048}
    if [[ ! ${BENCH_NAMESPACE:-} ]]; then
        build -p download-stream -p download-framed $(has_resume && echo -p download-resume)
        in_own_namespace
        return
    fi
    set_congestion
    local peers=(framed stream) places=(null) missing=() notes=()
    if has_resume; then peers=(resume digest cached jobs whole "${peers[@]}"); fi
    find_peers
    find_places
    prepare_download
    echo "${#peers[@]} 个程序,${#places[@]} 个去处,$size MiB,$rounds 轮" >&2
    take_turns measure_download "${peers[@]}"
    report_download | tee ${out:+"$out"}
}

has_resume() { [[ -d crates/34-download-resume ]]; }

# 在自己的网络命名空间里再运行一次自己:那里的拥塞控制可以随便选,不碰这台机器的设置。
in_own_namespace() {
    local namespace=(unshare --net --map-current-user --keep-caps)
    # root 还要一个自己的 /run:sshd 要那里有个空目录。
    if ((EUID == 0)); then namespace=(unshare --net --mount); fi
    if "${namespace[@]}" ip link set lo up 2>/dev/null; then
        namespace=(env BENCH_NAMESPACE=own "${namespace[@]}")
    else
        namespace=(env BENCH_NAMESPACE=none)
    fi
    # 参数里的路径是从那里算起的。
    (cd "$here" && "${namespace[@]}" "$self" "${arguments[@]}")
}

# 所有程序用同一种拥塞控制。nginx、curl、scp 不能自己选,写在回环的路由上就不用它们选。
set_congestion() {
    local prefix
    congestion=$(cat /proc/sys/net/ipv4/tcp_congestion_control)
    [[ $BENCH_NAMESPACE == own ]] || return 0
    ip link set lo up
    if ((EUID == 0)); then
        mount -t tmpfs tmpfs /run
        mkdir /run/sshd
    fi
    for prefix in 127.0.0.0/8 127.0.0.1; do
        ip route replace local "$prefix" dev lo table local congctl cubic 2>/dev/null || return 0
    done
    congestion=cubic
}

# 装了哪些别的程序。
find_peers() {
    local program
    for program in nginx curl scp sshd ssh-keygen python3 iperf3; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [[ " ${missing[*]} " == *" nginx "* || " ${missing[*]} " == *" curl "* ]] || peers+=(nginx synced)
    [[ " ${missing[*]} " == *" s"* ]] || peers+=(scp)
    [[ " ${missing[*]} " == *" python3 "* ]] || peers+=(python)
    [[ " ${missing[*]} " == *" iperf3 "* ]] || peers+=(limit)
    [[ -x /usr/bin/time ]] || missing+=("/usr/bin/time(客户端的内存)")
}

# 送到哪里:丢弃,tmpfs 上的文件,磁盘上的文件。
find_places() {
    local shm=/dev/shm
    if [[ $(stat -f -c %T $shm 2>/dev/null) == tmpfs && -w $shm ]] && has_room $shm; then
        shared=$(mktemp -d $shm/bench.XXXXXX)
        trap 'stop_server; rm -rf "$work" "$shared"' EXIT
        places+=(tmpfs)
    else
        notes+=("没有 tmpfs,或者它的空间不够:少了那几行。")
    fi
    has_room "$work" || fail "$work 的空间不够" "用 --size 选小一些的文件,或者用 TMPDIR 换一个目录"
    if [[ $(stat -f -c %T "$work") == tmpfs ]]; then
        notes+=("$work 在 tmpfs 上,没有磁盘的几行:用 TMPDIR 换一个目录。")
    else
        places+=(disk)
    fi
}

# 目录 $1 放得下源文件、正在收的文件和一个一样大的废文件;tmpfs 用的是内存,内存也要够。
has_room() {
    local available
    available=$(df --output=avail -m "$1" | tail -1)
    if [[ $(stat -f -c %T "$1") == tmpfs ]]; then
        available=$(awk -v disk="$available" '/^MemAvailable/ {m = $2 / 1024; print int(m < disk ? m : disk)}' /proc/meminfo)
    fi
    ((available > 4 * size))
}

# 源文件在页缓存里,已经写进磁盘:测量时没有人读写源文件所在的磁盘。
prepare_download() {
    root=$work/root
    mkdir "$root"
    head -c $((size * 1048576)) /dev/urandom >"$root/big"
    python_size=$((size < most_python ? size : most_python))
    head -c $((python_size * 1048576)) "$root/big" >"$root/python"
    sync "$root/big" "$root/python"
    # 不直接用 /dev/null:以 root 运行的程序把新文件改名成它,机器上就没有 /dev/null 了。
    ln -s /dev/null "$work/null"
    if [[ " ${peers[*]} " == *" scp "* ]]; then prepare_scp; fi
}

prepare_scp() {
    ssh-keygen -q -t ed25519 -N '' -f "$work/host"
    ssh-keygen -q -t ed25519 -N '' -f "$work/user"
    cp "$work/user.pub" "$work/authorized"
    # 先试一次:不是 root 的话,sshd 可能不让这个用户进来。
    local peer=scp address port client output=$work/trial
    echo >"$root/trial"
    start_download
    scp_command trial
    "${client[@]}" 2>"$work/client" || {
        notes+=("scp 用不了,缺了它的几行:$(tail -qn 1 "$work/client" "$work/stderr" | paste -sd ' ')。")
        read -ra peers <<<"${peers[*]/#scp/}"
    }
    stop_server
}

# 用 scp 取文件 $1,命令在 client 里。
scp_command() {
    client=(scp -q -F none -P "$port" -i "$work/user" -o IdentitiesOnly=yes -o BatchMode=yes
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
        "$(id -un)@127.0.0.1:$root/$1" "$output")
}

# 第 $1 轮,程序 $2 送到各个去处。每次都重新启动服务器。
measure_download() {
    local round=$1 peer=$2 place
    for place in "${places[@]}"; do
        is_measured || continue
        # 校验的时候有几个线程:两端都可以用所有的核。
        case $peer in
        digest | cached | jobs | whole) server_core='' load_core='' transfer ;;
        *) transfer ;;
        esac
    done
}

# iperf3 不写文件;33 总是先写一个临时文件再改名,不能丢弃;写文件才有得校验,写磁盘才要 sync。
is_measured() {
    case $place-$peer in
    null-framed | null-synced | null-digest | null-cached | null-jobs | null-whole | tmpfs-whole | tmpfs-synced | tmpfs-limit | disk-limit) return 1 ;;
    esac
}

# 送一次,记下结果。
transfer() {
    local output address port mib=$size name=big waited ticks line sampler=
    [[ $peer != python ]] || mib=$python_size name=python
    case $place in
    null) output=$work/null ;;
    tmpfs) output=$shared/big ;;
    disk) output=$work/big ;;
    esac
    start_download
    # 服务器记得上一次算好的摘要,第二次下载不用再算。
    if [[ $peer == cached ]]; then run_download; fi
    [[ $place == null ]] || recycle_pages "$output"
    waited=$(waited_us)
    ticks=$(family_ticks)
    if [[ $peer == scp ]]; then
        watch_family &
        sampler=$!
    fi
    run_download
    line=$(describe_transfer)
    settle
    ticks=$(($(family_ticks) - ticks))
    waited=$(($(waited_us) - waited))
    if [[ $peer == scp ]]; then
        kill "$sampler" 2>/dev/null || true
        wait "$sampler" 2>/dev/null || true
        line+=" server_peak=$(sort -n "$work/family" | tail -1)"
    else
        line+=" server_peak=$(memory_of "$server" VmHWM)"
    fi
    stop_server
    line+=$(awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" -v mib="$mib" 'BEGIN {printf " server_cpu=%.3f", ticks / hz / mib * 1024}')
    # scp 和校验的 34 有不止两个任务抢两个核,看不出有没有别人打扰。
    if [[ $server_core && $peer != scp ]]; then
        line+=$(awk -v waited="$waited" -v line="$line" 'BEGIN {match(line, /seconds=[0-9.]+/)
            printf " disturbed=%.0f", waited / 1e4 / substr(line, RSTART + 8, RLENGTH - 8)}')
    fi
    echo "第 $round 轮 $peer ${place_label[$place]}:$line" >&2
    record "$peer" "$place" "$line"
    check_output
}

# 先写一个一样大的废文件再删掉:虚拟机的内存页第一次用要向宿主要,比用过的慢十倍;空闲一两秒,
# 又可能还给宿主(virtio-balloon 的 free page reporting)。这样每个程序的新文件用的都是刚用过的页。
recycle_pages() {
    rm -f "$1" "$1".part*
    [[ $place == tmpfs ]] || sync -f "$work"
    head -c $((mib * 1048576)) /dev/zero >"$1.scratch"
    rm "$1.scratch"
}

start_download() {
    local listen=127.0.0.1
    case $peer in
    stream | framed) start_server "$release/download-$peer" server $listen:0 --root "$root" ;;
    resume | digest | cached | jobs | whole) start_server "$release/download-resume" server $listen:0 --root "$root" ;;
    python) start_server python3 scripts/bench.d/download.py server "$root" ;;
    # 这几个不能请系统挑端口。
    nginx | synced)
        port=$(free_port)
        configure_nginx $listen "$port" >"$work/nginx.conf"
        start_server nginx -e stderr -p "$work" -c "$work/nginx.conf"
        ;;
    scp)
        port=$(free_port)
        configure_sshd $listen "$port" >"$work/sshd.conf"
        start_server "$(command -v sshd)" -D -e -f "$work/sshd.conf"
        ;;
    limit)
        port=$(free_port)
        start_server iperf3 --server --bind $listen --port "$port"
        ;;
    esac
    port=$(wait_for_port tcp)
    address=$listen:$port
}

# 一个进程,不写日志;送文件的三个选项是它自己推荐的。
configure_nginx() {
    cat <<-END
		daemon off;
		master_process off;
		pid $work/nginx.pid;
		events {}
		http {
		    access_log off;
		    sendfile on;
		    tcp_nopush on;
		    client_body_temp_path $work;
		    proxy_temp_path $work;
		    fastcgi_temp_path $work;
		    uwsgi_temp_path $work;
		    scgi_temp_path $work;
		    server {
		        listen $1:$2;
		        root $root;
		    }
		}
	END
}

# 只认这一次造的密钥;加密的办法是默认的。
configure_sshd() {
    cat <<-END
		ListenAddress $1:$2
		HostKey $work/host
		AuthorizedKeysFile $work/authorized
		PidFile none
		StrictModes no
		UsePAM no
		PermitRootLogin yes
		PasswordAuthentication no
		Subsystem sftp internal-sftp
	END
}

# 运行客户端,等它结束;$work/time 里是用了多久、CPU 多少(都是秒),$work/peak 里是内存最多时的 KiB。
run_download() {
    local client TIMEFORMAT='%3R %3U %3S' measured=()
    # shellcheck disable=SC2016 # synced 里的 $1、$2 是那个 sh 的。
    case $peer in
    stream | framed) client=("$release/download-$peer" client "$address" big --output "$output") ;;
    resume | digest | cached | jobs | whole)
        client=("$release/download-resume" client "$address" big --progress none)
        case $peer-$place in
        resume-null) client+=(--discard) ;;
        resume-*) client+=(--output "$output" --no-verify --no-sync) ;;
        digest-* | cached-*) client+=(--output "$output" --no-sync) ;;
        jobs-*) client+=(--output "$output" --no-sync --jobs 2) ;;
        whole-*) client+=(--output "$output") ;;
        esac
        ;;
    python) client=(python3 scripts/bench.d/download.py client "$address" python "$output") ;;
    nginx) client=(curl --silent --fail --output "$output" "http://$address/big") ;;
    synced) client=(sh -c 'curl --silent --fail --output "$1" "$2" && sync "$1"' sh "$output" "http://$address/big") ;;
    scp) scp_command big ;;
    limit)
        client=(iperf3 --client 127.0.0.1 --port "$port" --reverse --bytes "${size}M" --congestion "$congestion" --format K)
        ;;
    esac
    if [[ -x /usr/bin/time ]]; then measured=(/usr/bin/time --quiet --format %M --output "$work/peak"); fi
    { time run_load "${measured[@]}" "${client[@]}" </dev/null >"$work/client" 2>&1; } 2>"$work/time" ||
        fail "$peer(${place_label[$place]})没有传成" "客户端的话:$(tail -n 3 "$work/client");服务器的话:$(tail -qn 3 "$work/stdout" "$work/stderr")"
}

# 刚才那一次,几个 名=值。iperf3 先要商量,说完还要交换结果,所以用它自己量的速度。
describe_transfer() {
    local seconds user system rate
    read -r seconds user system <"$work/time"
    if [[ $peer == limit ]]; then
        rate=$(awk '/receiver/ {print $(NF - 2) / 1024}' "$work/client")
        seconds=$(awk -v mib="$mib" -v rate="$rate" 'BEGIN {print mib / rate}')
    fi
    awk -v s="$seconds" -v u="$user" -v k="$system" -v mib="$mib" \
        'BEGIN {printf "seconds=%.3f mib=%.0f client_cpu=%.3f", s, mib / s, (u + k) / mib * 1024}'
    if [[ -x /usr/bin/time ]]; then echo " client_peak=$(cat "$work/peak")"; fi
}

# sshd 的每位客户有几个进程:等它们结束,用掉的 CPU 才算到 sshd 头上。
settle() {
    local tries
    for tries in {1..100}; do
        [[ $(children "$server") ]] || return 0
        sleep 0.02
    done
    fail "$peer 的服务器过了 $tries 次还没有收完尾" "服务器的话:$(tail -n 3 "$work/stderr")"
}

children() { cat /proc/"$1"/task/*/children 2>/dev/null || true; }

# 服务器和它的子孙里最大的一个用了多少内存,KiB,一行一次。
watch_family() {
    local process family
    : >"$work/family"
    while sleep 0.1 && [[ -d /proc/$server ]]; do
        family=("$server")
        for ((process = 0; process < ${#family[@]}; process++)); do
            # shellcheck disable=SC2207 # 就是要按空格分开。
            family+=($(children "${family[process]}"))
            memory_of "${family[process]}" VmHWM 2>/dev/null >>"$work/family" || true
        done
    done
}

# 服务器和它已经结束的子进程用过的 CPU 时间,滴答:proc(5) 的第 14 到 17 项。
family_ticks() {
    local stat
    stat=$(cat "/proc/$server/stat" 2>/dev/null) || fail "服务器中途退出了" "它的话:$(tail -n 3 "$work/stderr")"
    read -ra stat <<<"${stat##*) }"
    echo $((stat[11] + stat[12] + stat[13] + stat[14]))
}

# 收到的每个字节都核对,不算在时间里。
check_output() {
    [[ $(readlink "$work/null") == /dev/null ]] || fail "$peer 把 null 换成了一个文件" "它应当直接写进不是文件的输出"
    if [[ $place == null ]]; then return; fi
    cmp "$root/$name" "$output" || fail "$peer 收到的不对" "上面是第一个不同的地方"
    rm "$output"
}

# ---- 报告 ----------------------------------------------------------------

report_download() {
    local place peer
    echo "### 下载:$size MiB 的文件,在页缓存里,回环网络"
    echo
    echo "\`scripts/bench download --rounds $rounds --size $size\`:各个程序轮流,每次重新启动,$rounds 轮取中位数。"
    echo "时间从启动客户端到它退出;收到的文件每次都和原来的比较过,不算在时间里。CPU 是每 GiB 几秒。内存是最多时的。"
    echo
    describe_machine null
    describe_download_peers
    echo
    echo "| 去处 | 程序 | MiB/s | 服务器 CPU | 客户端 CPU | 服务器 MiB | 客户端 MiB |"
    echo "|---|---|---:|---:|---:|---:|---:|"
    for place in "${places[@]}"; do
        for peer in "${peers[@]}"; do
            if is_measured; then download_row; fi
        done
    done
    echo
    echo "先求每一轮的比值,再取中位数;括号里是最小和最大。"
    echo
    echo "| 去处 | 比较 | 速度之比 | 两端 CPU 之比 | 目标 |"
    echo "|---|---|---|---|---|"
    for place in "${places[@]}"; do compare_downloads; done
    echo
    compare_memory
}

describe_download_peers() {
    local note
    if [[ $congestion == cubic && $BENCH_NAMESPACE == own ]]; then
        echo "- 在自己的网络命名空间里,回环的拥塞控制是 cubic,所有程序都一样。"
    else
        echo "- 拥塞控制是这台机器的 $congestion,所有程序都一样;这里不能用自己的网络命名空间。"
    fi
    echo "- 丢弃:输出是 /dev/null,34 是 --discard。文件:每次都是新的;写之前先写一个一样大的废文件再删掉,大家用的都是用过的内存页。磁盘是 $(df --output=fstype "$work" | tail -1),33 和 34 改名前 sync,别的不 sync;34 可以不(--no-sync)。"
    if has_peer digest; then echo "- 34 平常收齐了要和服务器核对摘要(BLAKE3),--no-verify 不核对;第二次是指服务器已经有这个文件的摘要。核对的时候有几个线程,所以它的两端都可以用所有的核。"; fi
    if has_peer nginx; then
        echo "- $(nginx -v 2>&1 | sed 's/.*: //'),一个进程:sendfile on,tcp_nopush on,不写日志。$(curl --version | sed -n '1s/^\(curl [^ ]*\).*/\1/p')。"
    fi
    if has_peer scp; then echo "- scp:$(ssh -V 2>&1 | cut -d , -f 1),默认的加密;服务器的内存是最大的那个进程。"; fi
    if has_peer python; then echo "- $(python3 --version),服务器整个读进内存再发,客户端每次收 1024 字节(scripts/bench.d/download.py);文件是 $python_size MiB。"; fi
    if has_peer limit; then echo "- $(iperf3 --version | sed -n 1p | cut -d ' ' -f 1-2) -R -C $congestion:反复发同一小块内存,收到就丢掉;速度是它自己量的。"; fi
    ((${#missing[@]} == 0)) || echo "- 没有安装 ${missing[*]},缺了它的几行。"
    for note in "${notes[@]}"; do echo "- $note"; done
}

has_peer() { [[ " ${peers[*]} " == *" $1 "* ]]; }

# 表的一行:$peer 送到 $place。
download_row() {
    printf '| %s | %s | %.0f | %.2f | %.2f | %.1f | %s |\n' "${place_label[$place]}" "$(label_of "$peer")" \
        "$(middle "$peer" "$place" mib)" "$(middle "$peer" "$place" server_cpu)" "$(middle "$peer" "$place" client_cpu)" \
        "$(middle "$peer" "$place" server_peak | mebibytes)" "$(middle "$peer" "$place" client_peak | mebibytes)"
}

# 程序 $1 在去处 $place 的名称。
label_of() {
    if [[ $1-$place == resume-null ]]; then echo "34 --discard"; else echo "${download_label[$1]}"; fi
}

mebibytes() { awk '{printf "%.1f", $1 / 1024}'; }

compare_downloads() {
    case $place in
    null)
        compare_download resume limit 0.95
        compare_download resume nginx 1.3
        ;;
    *)
        compare_download resume nginx 2.5
        compare_download digest nginx 1.2
        compare_download cached nginx 1.2
        compare_download digest scp 4
        compare_download jobs digest
        ;;
    esac
    if [[ $place == disk ]]; then
        compare_download whole synced
        compare_download whole framed
    fi
    compare_download resume stream
    compare_download resume python
    compare_download stream nginx
}

# 表的一行:$1 与 $2 送到 $place;速度之比至少是 $3 才算达到目标。
compare_download() {
    local goal=–
    has_peer "$1" && has_peer "$2" || return 0
    if [[ ${3:-} ]]; then
        goal=$(ratios "$1" "$2" "$place" mib | median |
            awk -v goal="$3" '{print "≥ " goal ":" ($1 >= goal ? "达到" : "没有达到")}')
        if is_noisy null; then goal+="(机器不安静,不算数)"; fi
    fi
    echo "| ${place_label[$place]} | $(label_of "$1") ÷ $(label_of "$2") | $(ratios "$1" "$2" "$place" mib | spread) |" \
        "$(paste <(both_cpu "$1") <(both_cpu "$2") | awk '$2 > 0 {print $1 / $2}' | spread) | $goal |"
}

# 程序 $1 送到 $place,两端的 CPU 之和,一轮一个。
both_cpu() { paste <(values "$1" "$place" server_cpu) <(values "$1" "$place" client_cpu) | awk '{print $1 + $2}'; }

# 34 的两端,在所有去处里最多用了多少内存。
compare_memory() {
    local end most
    echo "| 34 的内存 | 最多时 MiB | 目标 |"
    echo "|---|---:|---|"
    for end in server client; do
        most=$(for peer in resume digest cached jobs whole; do
            for place in "${places[@]}"; do values "$peer" "$place" "${end}_peak"; done
        done | sort -n | tail -1 | mebibytes)
        [[ $most ]] || continue
        echo "| $([[ $end == server ]] && echo 服务器 || echo 客户端) | $most | < 16:$(awk -v most="$most" 'BEGIN {print most < 16 ? "达到" : "没有达到"}') |"
    done
}
