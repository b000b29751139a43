#!/bin/sh
# The job of each night: checks the store and backs it up, makes the account what the
# team file says, and sends the mails that wait. It ends with 0 where all is well, and
# else with the exit code of the first step that was not.
#
#	sh nightly.sh TEAM.yaml DIRECTORY          show what it would do
#	sh nightly.sh TEAM.yaml DIRECTORY --yes    do it
#
# DIRECTORY gets a backup a day, and what each run has changed, for 30 days.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ] || [ "${3:---yes}" != --yes ]; then
	echo "usage: sh nightly.sh TEAM.yaml DIRECTORY [--yes]" >&2
	exit 2
fi
team=$1
export STAFFCTL_ACTOR="${STAFFCTL_ACTOR:-nightly.sh}" # who asked for it, for the audit

worst=0
tell() { # CODE MESSAGE: what went wrong, and what to do
	echo "nightly: $2" >&2
	if [ "$worst" -eq 0 ]; then worst=$1; fi
}

# A store that is damaged is not changed: the script ends here.
staffctl store check

if [ "${3:-}" != --yes ]; then
	code=0
	staffctl diff -f "$team" --prune --max-removals "${MAX_REMOVALS:-10%}" || code=$?
	case $code in 0 | 11) ;; *) exit "$code" ;; esac
	staffctl outbox send --dry-run
	echo "nothing was changed: give --yes to do it" >&2
	exit
fi

umask 077
mkdir -p "$2"
backup=$2/staffctl-$(date +%Y-%m-%d).db
if [ ! -e "$backup" ]; then
	staffctl store backup "$backup"
fi
# Only what this script has made: neither other files nor those of directories below.
find "$2/." ! -name . -prune -type f \
	\( -name 'staffctl-????-??-??.db' -o -name 'changes-????-??-??T??????.txt' \) -mtime +30 -exec rm -- {} +

# The changes name people, so they go to a file and not into a log that others read.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
plan=$work/plan.json
changes=$2/changes-$(date +%Y-%m-%dT%H%M%S).txt
code=0
staffctl diff -f "$team" --prune --max-removals "${MAX_REMOVALS:-10%}" --mail --save "$plan" >"$work/changes.txt" || code=$?
case $code in
0) echo "the account is as $team says" ;;
11)
	code=0
	staffctl apply --plan "$plan" --yes --quiet >/dev/null || code=$?
	case $code in
	0 | 9)
		mv "$work/changes.txt" "$changes"
		echo "now the account is as $team says: see $changes"
		if [ "$code" -eq 9 ]; then tell 9 "a mail was refused; see staffctl outbox list"; fi
		;;
	5) tell 5 "somebody changed the account meanwhile; the next run tries again" ;;
	*) tell "$code" "$team was not applied" ;;
	esac
	;;
7) tell 7 "more people would go than may; look at $team, then MAX_REMOVALS=NUMBER" ;;
*) tell "$code" "$team was not compared" ;;
esac

code=0
staffctl mail-prefs check || code=$?
case $code in
0) ;;
11) tell 11 "nobody gets these mails: name somebody in $team" ;;
*) tell "$code" "the mails were not checked" ;;
esac

code=0
staffctl outbox send >/dev/null || code=$?
case $code in
0) ;;
8) tell 8 "the mail server takes no mails; they wait" ;;
9) tell 9 "some mails wait or were refused; see staffctl outbox list" ;;
*) tell "$code" "the mails were not sent" ;;
esac
exit "$worst"
