#!/bin/sh
# Reviews each quarter who is in the account and what is open to them. APPROVED.yaml is
# what was approved last time; keep it in a repository, or where you keep such papers.
#
#	sh access-review.sh begin APPROVED.yaml REVIEW.yaml
#		show what has changed since, and write REVIEW.yaml, in which the reviewers
#		delete whoever and whatever is not needed any more
#	sh access-review.sh finish APPROVED.yaml REVIEW.yaml
#		show what they would change
#	sh access-review.sh finish APPROVED.yaml REVIEW.yaml --yes
#		do it; REVIEW.yaml is what is approved then
set -eu

usage() {
	echo "usage: sh access-review.sh begin|finish APPROVED.yaml REVIEW.yaml [--yes]" >&2
	exit 2
}
if [ $# -lt 3 ] || [ $# -gt 4 ] || [ "${4:---yes}" != --yes ]; then usage; fi
approved=$2
review=$3
export STAFFCTL_ACTOR="${STAFFCTL_ACTOR:-access-review.sh}" # who asked for it, for the audit
umask 077                                                   # the files hold names and phones

begin() {
	if [ -e "$review" ]; then
		echo "$review is there already: finish that review, or delete it" >&2
		exit 5
	fi
	code=0
	if [ -e "$approved" ]; then
		staffctl diff -f "$approved" --prune --max-removals 100% || code=$?
	fi
	case $code in
	0) ;;
	11) echo "this is the way back: - has come since, + has gone, ~ was different" >&2 ;;
	*) exit "$code" ;;
	esac
	staffctl export --format yaml >"$review.part"
	mv "$review.part" "$review"
	echo "wrote $review: delete what is not needed any more, then finish"
}

finish() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' HUP INT TERM
	code=0
	staffctl diff -f "$review" --prune --max-removals "${MAX_REMOVALS:-10%}" --save "$work/plan.json" || code=$?
	case $code in
	0 | 11) ;;
	7)
		echo "if so many are to go: MAX_REMOVALS=NUMBER sh access-review.sh finish …" >&2
		exit 7
		;;
	*) exit "$code" ;;
	esac
	if [ "$1" != --yes ]; then
		echo "whoever has come since $review was written is to go as well: add them to it" >&2
		echo "nothing was changed: give --yes to do it" >&2
		return
	fi
	if [ "$code" -eq 11 ]; then
		staffctl apply --plan "$work/plan.json" --yes >/dev/null
	fi
	mv "$review" "$approved"
	echo "approved: $approved"
}

case $1 in
begin) begin ;;
finish) finish "${4:-}" ;;
*) usage ;;
esac
