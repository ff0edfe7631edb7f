# Made by `kodewar help --completion bash` from the program's tables: change those.
# shellcheck shell=bash

_kodewar() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands='run judge serve worker submit queue token plan languages doctor tree version help bench'
	local options='' kind='' words='' i

	COMPREPLY=()
	if [[ $cur == = ]]; then # --name=
		cur=''
	elif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then # the program's own words
			compopt -o default
			return
		fi
	done
	case ${COMP_WORDS[1]} in
	run)
		options='--tests --language --stdin-file --arg --env --limit --compare --stop-on-failure --repeat --output-encoding --json --quiet --lanes --max-body --log-dir --languages-dir --profile --runner --backend --docker-host --docker-tls --docker-image --docker-runtime --tree --trees-dir --help'
		kind='file'
		case $prev in
		--tests | -t) kind='file' ;;
		--language | -l) kind=other ;;
		--stdin-file) kind='file' ;;
		--arg) kind=other ;;
		--env | -e) kind=other ;;
		--limit | -L) kind=limit words='cpu_ms= wall_ms= memory_kb= processes= open_files= output_bytes= disk_kb= inodes= file_kb= total_wall_ms=' ;;
		--compare) kind=other ;;
		--repeat) kind=other ;;
		--output-encoding) kind=other ;;
		--lanes) kind=other ;;
		--max-body) kind=other ;;
		--log-dir) kind=directory ;;
		--languages-dir) kind=directory ;;
		--profile) kind='file' ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	judge)
		options='--verify --all --json --junit --language --limit --repeat --quiet --lanes --max-body --log-dir --runner --backend --docker-host --docker-tls --docker-image --docker-runtime --languages-dir --profile --tree --trees-dir --help'
		case $prev in
		--junit) kind='file' ;;
		--language | -l) kind=other ;;
		--limit | -L) kind=limit words='cpu_ms= wall_ms= memory_kb= processes= open_files= output_bytes= disk_kb= inodes= file_kb= total_wall_ms=' ;;
		--repeat) kind=other ;;
		--lanes) kind=other ;;
		--max-body) kind=other ;;
		--log-dir) kind=directory ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--languages-dir) kind=directory ;;
		--profile) kind='file' ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	serve)
		options='--config --listen --tokens --host --origin --lanes --runner --backend --docker-host --docker-tls --docker-image --docker-runtime --redis --redis-ca --queue --state-dir --log-dir --languages-dir --profile --tree --trees-dir --print-config --help'
		case $prev in
		--config | -c) kind='file' ;;
		--listen) kind=other ;;
		--tokens) kind='file' ;;
		--host) kind=other ;;
		--origin) kind=other ;;
		--lanes) kind=other ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--redis) kind=other ;;
		--redis-ca) kind='file' ;;
		--queue) kind=other ;;
		--state-dir) kind=directory ;;
		--log-dir) kind=directory ;;
		--languages-dir) kind=directory ;;
		--profile) kind='file' ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	worker)
		options='--redis --redis-ca --queue --celery --celery-queue --celery-task --celery-args --celery-node --celery-results --visibility-timeout --track-started --events --cache --cache-format --cache-prefix --cache-keep --lanes --prefetch --repeat --lease --deliveries --keep --drain --max-body --runner --backend --docker-host --docker-tls --docker-image --docker-runtime --log-dir --languages-dir --profile --tree --trees-dir --help'
		case $prev in
		--redis) kind=other ;;
		--redis-ca) kind='file' ;;
		--queue) kind=other ;;
		--celery-queue | -Q) kind=other ;;
		--celery-task) kind=other ;;
		--celery-args) kind=other ;;
		--celery-node | -n) kind=other ;;
		--celery-results) kind=other ;;
		--visibility-timeout) kind=other ;;
		--cache) kind=other ;;
		--cache-format) kind=words words='pickle json' ;;
		--cache-prefix) kind=other ;;
		--cache-keep) kind=other ;;
		--lanes) kind=other ;;
		--prefetch) kind=other ;;
		--repeat) kind=other ;;
		--lease) kind=other ;;
		--deliveries) kind=other ;;
		--keep) kind=other ;;
		--drain) kind=other ;;
		--max-body) kind=other ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--log-dir) kind=directory ;;
		--languages-dir) kind=directory ;;
		--profile) kind='file' ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	submit)
		options='--redis --redis-ca --queue --priority --id --tenant --detach --wait --max-waiting --max-body --help'
		kind='file'
		case $prev in
		--redis) kind=other ;;
		--redis-ca) kind='file' ;;
		--queue) kind=other ;;
		--priority) kind=words words='high normal low' ;;
		--id) kind=other ;;
		--tenant) kind=other ;;
		--wait) kind=other ;;
		--max-waiting) kind=other ;;
		--max-body) kind=other ;;
		esac
		;;
	queue)
		options='--redis --redis-ca --queue --json --metrics --all --help'
		case $prev in
		--redis) kind=other ;;
		--redis-ca) kind='file' ;;
		--queue) kind=other ;;
		esac
		;;
	token)
		options='--tokens --help'
		case $prev in
		--tokens) kind='file' ;;
		esac
		;;
	plan)
		options='--explain --json --tests --language --arg --env --limit --compare --stop-on-failure --repeat --output-encoding --max-body --languages-dir --runner --help'
		kind='file'
		case $prev in
		--tests | -t) kind='file' ;;
		--language | -l) kind=other ;;
		--arg) kind=other ;;
		--env | -e) kind=other ;;
		--limit | -L) kind=limit words='cpu_ms= wall_ms= memory_kb= processes= open_files= output_bytes= disk_kb= inodes= file_kb= total_wall_ms=' ;;
		--compare) kind=other ;;
		--repeat) kind=other ;;
		--output-encoding) kind=other ;;
		--max-body) kind=other ;;
		--languages-dir) kind=directory ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		esac
		;;
	languages)
		options='--test --json --lanes --runner --languages-dir --profile --log-dir --backend --docker-host --docker-tls --docker-image --docker-runtime --tree --trees-dir --help'
		case $prev in
		--lanes) kind=other ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--languages-dir) kind=directory ;;
		--profile) kind='file' ;;
		--log-dir) kind=directory ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	doctor)
		options='--json --quick --lanes --profile --languages-dir --log-dir --backend --docker-host --docker-tls --docker-image --docker-runtime --tree --trees-dir --help'
		case $prev in
		--lanes) kind=other ;;
		--profile) kind='file' ;;
		--languages-dir) kind=directory ;;
		--log-dir) kind=directory ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	tree)
		options='--declaration --replace --max-bytes --max-files --trees-dir --json --quiet --languages-dir --help'
		kind='file'
		case $prev in
		--declaration) kind='file' ;;
		--max-bytes) kind=other ;;
		--max-files) kind=other ;;
		--trees-dir) kind=directory ;;
		--languages-dir) kind=directory ;;
		esac
		;;
	version)
		options='--json --help'
		case $prev in
		esac
		;;
	help)
		options='--man --completion --help'
		kind='command'
		case $prev in
		--completion) kind=words words='bash zsh fish' ;;
		esac
		;;
	bench)
		options='--requests --in-flight --runner --limit --lanes --max-body --profile --languages-dir --log-dir --backend --docker-host --docker-tls --docker-image --docker-runtime --tree --trees-dir --help'
		kind='file'
		case $prev in
		--in-flight) kind=other ;;
		--runner) kind=words words='auto cold warm pooled' ;;
		--limit | -L) kind=limit words='cpu_ms= wall_ms= memory_kb= processes= open_files= output_bytes= disk_kb= inodes= file_kb= total_wall_ms=' ;;
		--lanes) kind=other ;;
		--max-body) kind=other ;;
		--profile) kind='file' ;;
		--languages-dir) kind=directory ;;
		--log-dir) kind=directory ;;
		--backend) kind=words words='native docker' ;;
		--docker-host) kind=other ;;
		--docker-tls) kind=directory ;;
		--docker-image) kind=other ;;
		--docker-runtime) kind=other ;;
		--tree) kind=other ;;
		--trees-dir) kind=directory ;;
		esac
		;;
	esac
	if [[ $cur == -* && $kind != words && $kind != other ]]; then
		kind=words words=$options
	fi
	case $kind in
	file | directory)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -A "$kind" -- "$cur")
		;;
	limit)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		;;
	command) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
	words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	esac
}
complete -F _kodewar kodewar
